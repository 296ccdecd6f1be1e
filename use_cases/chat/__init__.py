"""Chat: answer a question from the knowledge, with citations that code has verified."""
