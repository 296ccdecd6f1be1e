"""Reports on confidence: their rows and their contents."""
