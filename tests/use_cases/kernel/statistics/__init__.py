"""Tests: the statistics of confidence."""
