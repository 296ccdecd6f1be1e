"""Tests: backend.diagrams."""
