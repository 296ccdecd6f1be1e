"""The capabilities: one declaration each, listed in `backend.capabilities.registry`."""
