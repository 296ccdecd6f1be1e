"""What people made, kept in a relational database: SQLite now, PostgreSQL with the same code."""
