"""The models that need no network: exact sentences from passages, advice from tables, and an echo."""
