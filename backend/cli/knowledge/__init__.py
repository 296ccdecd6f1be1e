"""The commands of the knowledge capability: ingest, documents, search, tables, sql and more."""
