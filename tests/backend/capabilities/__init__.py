"""Tests: backend.capabilities."""
