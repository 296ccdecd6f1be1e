"""Tests: backend.settings."""
