"""Tests: advice."""
