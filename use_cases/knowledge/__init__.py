"""The knowledge capability: ingest documents and tables, search them, query the tables read-only."""
