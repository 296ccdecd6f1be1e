"""The wires of a streamed turn."""
