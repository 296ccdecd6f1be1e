"""The door for assistants and editors that speak the Model Context Protocol."""
