"""Outcomes of advice: given by a person, or resolved from the tables."""
