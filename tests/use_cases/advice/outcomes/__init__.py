"""Tests: use_cases.advice.outcomes."""
