"""Tests: backend.mcp."""
