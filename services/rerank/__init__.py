"""Rerankers: models that read question and passage together."""
