"""Callers: API keys, authentication, rate limits and budgets."""
