"""An estimate of a text's tokens, which only a model's own tokenizer knows."""

BYTES_PER_TOKEN = 4
"""Of UTF-8: English text has about four, a Chinese character of three about one token."""


def utf8_bytes(text: str) -> int:
    """Return how many bytes a text has; half a surrogate pair counts as one."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
