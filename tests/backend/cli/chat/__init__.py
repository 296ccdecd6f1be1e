"""Tests: backend.cli.chat."""
