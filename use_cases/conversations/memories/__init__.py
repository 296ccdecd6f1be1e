"""Memories of what a person said before, for the draft of a project."""
