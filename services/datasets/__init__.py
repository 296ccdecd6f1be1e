"""Files of cases and of evaluations: CSV, JSON lines, JSON and YAML, of Candor and of others."""
