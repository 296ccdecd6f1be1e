"""Tests: backend.cli.confidence."""
