"""The command line of evaluations."""
