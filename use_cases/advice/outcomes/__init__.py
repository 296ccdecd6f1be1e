"""Outcomes of advice: reported by a person, or resolved from the tables."""
