"""Tests: use_cases.advice.confidence."""
