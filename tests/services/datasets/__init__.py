"""Tests: files of cases and of evaluations."""
