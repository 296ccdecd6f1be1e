"""The rules for web searches: pure, each decision with its trace."""
