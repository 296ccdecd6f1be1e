"""Evaluations: planned, worked off, summed up, and used to promote a prompt."""
