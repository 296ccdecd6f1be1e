"""Tests: backend.cli.server."""
