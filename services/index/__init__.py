"""The knowledge database: documents, passages, vectors and full text in one SQLite file."""
