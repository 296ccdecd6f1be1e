"""Tests of services/rerank."""
