"""Text as every database, encoding and wire can hold it.

PostgreSQL refuses the character NUL, and UTF-8 has no form for half of a surrogate pair. Both reach us
in what people, models and files produce: a model's provider cuts a character in two between two pieces
of a stream, a file holds half of one. Promises: nothing is lost over them, and no function here fails.
"""

import re

_LONE = "\ud800-\udfff"
_HALF = re.compile(f"[{_LONE}]")
_UNSTORABLE = re.compile(f"[\0{_LONE}]")


def storable(text: str) -> str:
    """The text with each NUL and each surrogate replaced by U+FFFD, one character for one.

    Offsets into the text keep their meaning.
    """
    return text if text.isascii() and "\0" not in text else _UNSTORABLE.sub("\ufffd", text)


def without_unstorable(text: str) -> str:
    """The text without its NULs and surrogates."""
    return _UNSTORABLE.sub("", text)


def whole(text: str) -> str:
    """The text with two halves that belong together as one character, and U+FFFD for any other."""
    if text.isascii() or _HALF.search(text) is None:
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def begun_half(text: str) -> str:
    """The first half of a pair that the text ends with; else nothing."""
    return text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
