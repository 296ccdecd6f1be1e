"""Tests: use_cases.advice.comparison."""
