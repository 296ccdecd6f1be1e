"""Summaries of conversations: made by a model, by sentences of their own, or outside; edited by people."""
