"""Search over everything that was imported or said here."""
