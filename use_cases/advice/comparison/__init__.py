"""Comparing the options of a decision."""
