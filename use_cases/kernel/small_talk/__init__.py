"""The recognition of small talk."""
