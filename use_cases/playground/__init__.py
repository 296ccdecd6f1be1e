"""Playground: prompts, versions, datasets, and evaluations across models."""
