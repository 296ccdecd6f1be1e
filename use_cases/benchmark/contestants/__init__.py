"""Contestants that need no model: rules and statistics, which any model should beat."""
