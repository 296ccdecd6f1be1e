"""The lengths of texts: pieces of at most so many characters, titles, and estimated tokens. Pure.

Promises: pieces are cut at line ends, else at blanks, else anywhere; they are in order, contain every
non-blank character, and none is longer than the limit; linear time.
"""

from collections.abc import Iterator

import regex

from use_cases.kernel.model import Span


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
