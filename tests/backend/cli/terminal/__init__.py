"""Tests: backend.cli.terminal."""
