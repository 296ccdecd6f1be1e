"""How results look on the wire: the same JSON over HTTP and with `--json`."""
