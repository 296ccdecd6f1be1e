"""Tuning of stated confidence by outcomes: maps, the evidence for them, and thresholds."""
