"""The commands of the benchmark: tables with errors, runs and scores."""
