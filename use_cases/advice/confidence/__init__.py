"""Reports on confidence: which rows they are about, and what they hold."""
