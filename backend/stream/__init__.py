"""A turn's events as bytes: one encoder for each wire, the response that sends them, and reloading."""
