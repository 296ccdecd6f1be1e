"""Through which door Candor is reached: HTTP, streams and the command line."""
