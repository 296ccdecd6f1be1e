"""Tests: backend.observability."""
