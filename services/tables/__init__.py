"""Loaded tables behind the port `StructuredData`: read-only SQL that cannot do harm."""
