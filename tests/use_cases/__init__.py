"""Tests: use_cases."""
