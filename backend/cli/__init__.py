"""The command line: one module for each command; stdout is data, stderr is talk."""
