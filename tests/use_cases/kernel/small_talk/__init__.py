"""Tests: use_cases.kernel.small_talk."""
