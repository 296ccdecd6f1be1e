"""Tests: use_cases.kernel.runs."""
