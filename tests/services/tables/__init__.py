"""Read-only SQL over loaded tables."""
