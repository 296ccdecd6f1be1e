"""The command `candor confidence`."""
