"""Text that every database, encoding and wire can hold.

PostgreSQL refuses the character NUL, and UTF-8 has no form for half of a surrogate pair. Both occur in
input of users, models and files: a provider splits a character between two pieces of a stream, a file
contains half of one. Promises: they cause no loss, and no function here fails.
"""

import re

_LONE = "\ud800-\udfff"
_HALF = re.compile(f"[{_LONE}]")
_UNSTORABLE = re.compile(f"[\0{_LONE}]")


def storable(text: str) -> str:
    """Replaces each NUL and each surrogate by U+FFFD, one character for one.

    Offsets into the text stay valid.
    """
    return text if text.isascii() and "\0" not in text else _UNSTORABLE.sub("\ufffd", text)


def without_unstorable(text: str) -> str:
    """Returns the text without its NULs and surrogates."""
    return _UNSTORABLE.sub("", text)


def whole(text: str) -> str:
    """Joins surrogate pairs to characters, and replaces unpaired surrogates by U+FFFD."""
    if text.isascii() or _HALF.search(text) is None:
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def begun_half(text: str) -> str:
    """Returns the first half of a surrogate pair at the end of the text; else nothing."""
    return text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
