"""Tests: use_cases.advice.web."""
