"""Tests: use_cases.kernel.text."""
