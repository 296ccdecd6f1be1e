"""Rerankers: models that score question and passage together."""
