"""Searches of the web."""
