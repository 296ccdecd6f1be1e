"""How long a test waits for what must happen."""

PATIENCE = 300.0
"""Seconds; reached only where it never happens, also on a machine that is many times slower."""
