"""Embedders, which turn text into unit vectors: the local model, and any model of pydantic-ai."""
