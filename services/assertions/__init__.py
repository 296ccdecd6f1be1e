"""Adapters of the port `Checks`: the assertions that need no model, with promptfoo's semantics."""
