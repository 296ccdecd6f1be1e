"""Tests: backend.cli.advice."""
