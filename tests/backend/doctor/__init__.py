"""Tests: backend.doctor."""
