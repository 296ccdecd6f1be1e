"""Turning text into unit vectors: the local model, and any model that pydantic-ai can reach."""
