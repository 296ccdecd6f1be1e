"""Tests: use_cases.advice.giving."""
