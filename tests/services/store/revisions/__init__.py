"""Databases of every revision, as the code of its time left them; see `README.md`."""
