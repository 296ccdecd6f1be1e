"""The migrations from earlier versions of the database (Alembic)."""
