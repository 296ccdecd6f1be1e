"""The knowledge database and the index of conversations as files of SQLite: sqlite-vec and FTS5."""
