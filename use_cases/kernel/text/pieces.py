"""The cutting of a long text into pieces: at line ends, else at blanks, else anywhere. Pure.

Promises: the pieces are in order, contain every non-blank character, and none is longer than the
limit; linear time.
"""

from collections.abc import Iterator

from use_cases.kernel.model import Span


def fit(text: str, start: int, end: int, limit: int) -> Iterator[Span]:
    """Yield the pieces of `text[start:end]`, each of at most `limit` characters."""
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
    """Yield the span without blank lines before it and white space after it, but indented."""
    kept = text[start:end].rstrip()
    if kept:
        yield Span(start, start + len(kept))
