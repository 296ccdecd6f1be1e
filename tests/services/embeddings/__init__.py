"""Tests of services/embeddings."""
