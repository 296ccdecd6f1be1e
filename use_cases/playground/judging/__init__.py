"""Assertions that a model judges."""
