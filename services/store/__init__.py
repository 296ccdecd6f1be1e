"""The relational store for everything that people made: SQLite, or PostgreSQL with the same code."""
