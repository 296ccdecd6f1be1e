"""Halves of surrogate pairs, which models write when a character is cut in two between two pieces.

No encoding holds one, so that nothing with one in it can be kept or sent.
"""

import re

_HALF = re.compile("[\ud800-\udfff]")


def whole(text: str) -> str:
    """The text with two halves that belong together as one character, and U+FFFD for any other."""
    if text.isascii() or _HALF.search(text) is None:
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def begun_half(text: str) -> str:
    """The first half of a pair that the text ends with; else nothing."""
    return text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
