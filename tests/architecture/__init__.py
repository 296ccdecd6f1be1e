"""Rules of the whole house that import-linter cannot hold."""
