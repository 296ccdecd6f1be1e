"""Callers: API keys, authentication and what a caller may use."""
