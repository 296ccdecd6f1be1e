"""Tests: use_cases.kernel.citations."""
