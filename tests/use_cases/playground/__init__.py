"""Tests: the playground."""
