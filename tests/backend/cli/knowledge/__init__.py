"""Tests: backend.cli.knowledge."""
