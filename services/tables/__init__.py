"""Loaded tables behind the port `StructuredData`: read-only SQL within limits."""
