"""Evaluations of the playground."""
