"""Tests: chat."""
