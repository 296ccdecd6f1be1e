"""Rules of language as YAML files."""
