"""The knowledge database in PostgreSQL with pgvector, shared by all servers that use it."""
