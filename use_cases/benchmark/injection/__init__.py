"""Errors put into a clean table: seeded, labelled, nested by difficulty."""
