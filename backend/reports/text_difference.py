"""The difference between two texts, word by word; and long texts, cut for a page.

Promises: a longest common subsequence, so no shorter difference exists; the pieces give both texts
back; time and memory are bounded. A long text is cut, with its rest behind “Show all”, and a huge one ends
with how much is missing. Leaves the algorithm to rapidfuzz: Hyyrö, "Bit-parallel LCS-length computation
revisited" (2004).
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from pydantic import JsonValue

# Blanks belong to the word after them: else two texts would always share their blanks.
_TOKEN = re.compile(r"\s*(?:\w+|[^\w\s])|\s+")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_MOST_TOKENS = 3_000
_COMPARED = 20_000


class Edit(StrEnum):
    """The part of a piece in the difference."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


Piece: TypeAlias = tuple[Edit, str]


def difference(before: str, after: str) -> Sequence[Piece] | None:
    """Returns the pieces of both texts in order; None where both are too long to compare.

    Words are compared where there are at most 3,000 on each side, else lines. Between two equal
    parts stands first all that is removed, then all that is added.
    """
    for pattern in (_TOKEN, _LINE):
        one, other = pattern.findall(before), pattern.findall(after)
        if max(len(one), len(other)) <= _MOST_TOKENS:
            pieces = _aligned(one, other)
            return [(edit, "".join(tokens)) for edit, tokens in pieces if tokens]
    return None


@dataclass(frozen=True, slots=True)
class Shortened:
    """A text in pieces: its beginning, the rest, and how many more characters the page does not hold."""

    first: Sequence[Piece]
    rest: Sequence[Piece] = ()
    length: int = 0
    missing: int = 0


def shortened(text: str | Sequence[Piece], shown: int = 1_500, most: int = 30_000) -> Shortened:
    """Cuts a text after the characters that are seen at once, and after those that the page holds."""
    pieces = [(Edit.SAME, text)] if isinstance(text, str) else text
    length = _length(pieces)
    if length <= shown + 200:
        return Shortened(pieces)
    first, others = _split(pieces, shown)
    rest, lost = _split(others, most - shown)
    return Shortened(first, rest, length, _length(lost))


def compared(text: str, base: str | None) -> Shortened:
    """Returns an output with its difference from the baseline's, where both are not too long."""
    if not base or max(len(text), len(base)) > _COMPARED:
        return shortened(text)
    return shortened(difference(base, text) or text)


def json_text(value: JsonValue) -> str:
    """Returns a value to be read: a text as it is, others as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def cut(words: str, most: int) -> str:
    """Returns the beginning of a long text, with its length."""
    return words if len(words) <= most else f"{words[:most]}… ({len(words):,} characters)"


def _aligned(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[Edit, Sequence[str]]]:
    from rapidfuzz.distance import LCSseq

    old = new = 0
    for same in LCSseq.opcodes(before, after).as_matching_blocks():
        yield Edit.REMOVED, before[old : same.a]
        yield Edit.ADDED, after[new : same.b]
        old, new = same.a + same.size, same.b + same.size
        yield Edit.SAME, before[same.a : old]


def _length(pieces: Sequence[Piece]) -> int:
    return sum(len(piece) for _, piece in pieces)


def _split(pieces: Sequence[Piece], size: int) -> tuple[list[Piece], list[Piece]]:
    """Returns the first `size` characters and the rest."""
    first: list[Piece] = []
    for place, (edit, piece) in enumerate(pieces):
        if len(piece) > size:
            return [*first, (edit, piece[:size])], [(edit, piece[size:]), *pieces[place + 1 :]]
        first.append((edit, piece))
        size -= len(piece)
    return first, []
