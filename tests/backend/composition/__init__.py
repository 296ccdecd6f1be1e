"""Tests: backend.composition."""
