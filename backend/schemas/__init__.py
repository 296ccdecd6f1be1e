"""The JSON shapes of results: the same over HTTP and with `--json`."""
