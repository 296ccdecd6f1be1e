"""Whether a question needs a web search: pure rules, each decision with its trace."""
