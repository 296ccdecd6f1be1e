"""Advice: a recommendation with a stated confidence that is checked against what happened."""
