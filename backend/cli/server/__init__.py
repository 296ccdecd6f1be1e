"""The commands about the installation and the server: serve, doctor, keys."""
