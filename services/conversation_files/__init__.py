"""Conversation files: exports of other assistants, read as streams."""
