"""Giving one piece of advice, from the question to the record."""
