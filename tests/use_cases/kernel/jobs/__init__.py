"""Tests: use_cases.kernel.jobs."""
