"""Scoring: what a cleaning got right, what it broke, and what it said about it."""
