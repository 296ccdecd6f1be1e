"""Connections to the database, their threads, files and errors; nothing of what is in the tables."""
