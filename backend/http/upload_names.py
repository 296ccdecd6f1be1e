"""Sanitises the name of an uploaded file, which becomes part of an identity, a list and a log line.

Promises: the result is one path segment of 1 to 255 bytes in UTF-8, in Unicode's composed form,
without control, format or unassigned characters, and is neither hidden nor a way up.
"""

import unicodedata

_LONGEST = 255
_FALLBACK = "document"


def safe_name(given: str | None) -> str:
    """Return the last segment of the sent path, cleaned; `document` when nothing is left."""
    text = unicodedata.normalize("NFC", given or "")
    # Browsers on Windows once sent whole paths; both separators end a segment.
    last = text.replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(char for char in last if not unicodedata.category(char).startswith("C"))
    name = " ".join(visible.split()).lstrip(". ").rstrip(". ")
    return _shorten(name) or _FALLBACK


def _shorten(name: str) -> str:
    """Return at most 255 bytes, keeping the extension, by which readers recognise a format."""
    if len(name.encode()) <= _LONGEST:
        return name
    stem, dot, extension = name.rpartition(".")
    ending = f".{extension}" if dot and len(extension.encode()) <= 16 else ""
    kept = (stem if ending else name).encode()[: _LONGEST - len(ending.encode())]
    return kept.decode(errors="ignore") + ending
