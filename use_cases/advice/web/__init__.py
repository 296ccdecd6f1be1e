"""Web search for advice."""
