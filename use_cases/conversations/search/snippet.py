"""The part of a text that is shown of a result: around the first word that the query asks for. Pure."""

import re
from collections.abc import Iterator

from use_cases.kernel.text.words import FUNCTION_WORDS, stem

CHARACTERS = 320

_WORD = re.compile(r"\w+")
_FEWEST = 3
_FIRST_OF_CJK = "\u2e80"
"""From here on in Unicode, words of a single character are usual."""


def snippet(text: str, asked: str, most: int = CHARACTERS) -> str:
    """Return at most `most` characters of the text, as one line, centred on the first match.

    A match is a word of `asked` as it is written, else one of the same stem; without any, the text's
    beginning is returned. Left out text is marked by an ellipsis.
    """
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    start, end = _match(line, asked)
    room = most - 2  # for the two ellipses
    first = max(0, min((start + end - room) // 2, len(line) - room))
    last = first + room
    # Cut at blanks, but never within the match.
    blank = line.find(" ", first, start)
    first = blank + 1 if first and blank >= 0 else first
    blank = line.rfind(" ", end, last)
    last = blank if last < len(line) and blank >= 0 else last
    return f"{'…' * (first > 0)}{line[first:last]}{'…' * (last < len(line))}"


def _match(line: str, asked: str) -> tuple[int, int]:
    tokens = list(_tokens(asked))
    places = [
        found.span()
        for token in tokens
        if (found := re.search(rf"{_border(token)}{re.escape(token)}", line, re.IGNORECASE))
    ]
    if places:
        return min(places)
    stems = {stem(token.lower()) for token in tokens}
    for word in _WORD.finditer(line):
        if stem(word.group().lower()) in stems:
            return word.span()
    return 0, 0


def _tokens(asked: str) -> Iterator[str]:
    for match in _WORD.finditer(asked):
        word = match.group()
        is_word = len(word) >= _FEWEST and word.lower() not in FUNCTION_WORDS
        if is_word or word[0] >= _FIRST_OF_CJK:
            yield word


def _border(token: str) -> str:
    """A word begins at a border; Chinese and Japanese have none."""
    return "" if token[0] >= _FIRST_OF_CJK else r"\b"
