"""The difference between two texts, word by word.

Promises: a longest common subsequence, so no shorter difference exists; the pieces give both texts
back; time and memory are bounded. Leaves the algorithm to rapidfuzz: Hyyrö, "Bit-parallel LCS-length
computation revisited" (2004).
"""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TypeAlias

# Blanks belong to the word after them: else two texts would always share their blanks.
_TOKEN = re.compile(r"\s*(?:\w+|[^\w\s])|\s+")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_MOST_TOKENS = 3_000


class Edit(StrEnum):
    """The part of a piece in the difference."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


Piece: TypeAlias = tuple[Edit, str]


def difference(before: str, after: str) -> Sequence[Piece] | None:
    """Return the pieces of both texts in order; None where both are too long to compare.

    Words are compared where there are at most 3,000 on each side, else lines. Between two equal
    parts stands first all that is removed, then all that is added.
    """
    for pattern in (_TOKEN, _LINE):
        one, other = pattern.findall(before), pattern.findall(after)
        if max(len(one), len(other)) <= _MOST_TOKENS:
            pieces = _aligned(one, other)
            return [(edit, "".join(tokens)) for edit, tokens in pieces if tokens]
    return None


def _aligned(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[Edit, Sequence[str]]]:
    from rapidfuzz.distance import LCSseq

    old = new = 0
    for same in LCSseq.opcodes(before, after).as_matching_blocks():
        yield Edit.REMOVED, before[old : same.a]
        yield Edit.ADDED, after[new : same.b]
        old, new = same.a + same.size, same.b + same.size
        yield Edit.SAME, before[same.a : old]
