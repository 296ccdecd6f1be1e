"""Applying a profile: the names, periods and queries of its domain."""
