"""The interfaces of Candor: HTTP, streams and the command line."""
