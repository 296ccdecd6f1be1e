"""Plain text: characters that every database, encoding and wire can hold; values as text; pieces, titles and lengths.

PostgreSQL refuses the character NUL, and UTF-8 has no form for half of a surrogate pair. Both occur in
input of users, models and files: a provider splits a character between two pieces of a stream, a file
contains half of one. Promises: they cause no loss, and no function here fails. Pieces are cut at line
ends, else at blanks, else anywhere; they are in order, contain every non-blank character, and none is
longer than the limit; linear time. Pure.
"""

import json
import re
from collections.abc import Iterator, Mapping

import regex
from pydantic import JsonValue

from use_cases.kernel.model import Span

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


def value_text(value: JsonValue) -> str:
    """Returns a string as it is, null as nothing, any other value as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def part_of(values: Mapping[str, JsonValue], path: str) -> JsonValue:
    """Returns the part that a dotted path leads to: names of objects, and places (from 0) of lists.

    Raises LookupError where there is none.
    """
    first, *rest = path.split(".")
    found = values[first]
    for step in rest:
        if isinstance(found, dict):
            found = found[step]
        elif isinstance(found, list) and step.isdecimal() and len(step) < 10:
            found = found[int(step)]
        else:
            raise LookupError(path)
    return found


def fit(text: str, start: int, end: int, limit: int) -> Iterator[Span]:
    """Yields the pieces of `text[start:end]`, each of at most `limit` characters."""
    while True:
        while start < end and text[start].isspace() and text[start] != "\t" and text[start] != " ":
            start += 1
        if end - start <= limit:
            break
        cut = _last_break(text, start, start + limit)
        yield from _trim(text, start, cut)
        start = cut
    yield from _trim(text, start, end)


def _last_break(text: str, start: int, end: int) -> int:
    half = start + max((end - start) // 2, 1)
    for mark in ("\n", " ", "\t"):
        found = text.rfind(mark, half, end)
        if found != -1:
            return found + 1
    return end


def _trim(text: str, start: int, end: int) -> Iterator[Span]:
    """Yields the span without blank lines before it and white space after it, but indented."""
    kept = text[start:end].rstrip()
    if kept:
        yield Span(start, start + len(kept))


LONGEST_TITLE = 80
"""In characters (code points)."""


def title_of(text: str) -> str:
    """Returns the text on one line, cut to 80 characters between two graphemes.

    A grapheme is what a reader takes for one character: an emoji of several code points, or a
    letter with its accents (Unicode Standard Annex 29).
    """
    line = " ".join(text.split())
    if len(line) <= LONGEST_TITLE:
        return line
    end = 0
    for grapheme in regex.finditer(r"\X", line):
        # One grapheme may be longer than a title; then it is cut like anything else.
        if grapheme.end() > LONGEST_TITLE:
            break
        end = grapheme.end()
    return line[: end or LONGEST_TITLE].rstrip()


BYTES_PER_TOKEN = 4
"""English text has about four bytes of UTF-8, a Chinese character of three is about one token."""


def utf8_bytes(text: str) -> int:
    """Returns how many bytes a text has; half a surrogate pair counts as one."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
