"""Code of the operator, in processes with limits."""
