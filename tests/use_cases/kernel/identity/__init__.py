"""Tests: use_cases.kernel.identity."""
