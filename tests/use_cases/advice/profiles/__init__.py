"""Tests: use_cases.advice.profiles."""
