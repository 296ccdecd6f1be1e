"""Tests: assertions that a model judges."""
