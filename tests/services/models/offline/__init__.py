"""The offline answerer, part by part and through the real agent."""
