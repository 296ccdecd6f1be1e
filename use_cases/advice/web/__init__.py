"""Searching the web for advice."""
