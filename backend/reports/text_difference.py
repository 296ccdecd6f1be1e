"""The difference between two texts, word by word.

Promises: a longest common subsequence, so no shorter difference exists; the pieces give both texts
back; time and memory are bounded. The algorithm is bit-parallel over whole numbers: Hyyrö, "Bit-parallel
LCS-length computation revisited" (2004), with the matches read back from its rows.
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

    Words are compared where there are at most 3,000 on each side, else lines.
    """
    for pattern in (_TOKEN, _LINE):
        one, other = pattern.findall(before), pattern.findall(after)
        if max(len(one), len(other)) <= _MOST_TOKENS:
            return list(_join(_aligned(one, other)))
    return None


def _aligned(before: Sequence[str], after: Sequence[str]) -> Sequence[Piece]:
    """Return one piece for each token of the alignment."""
    places: dict[str, int] = {}
    for place, token in enumerate(before):
        places[token] = places.get(token, 0) | 1 << place
    everything = (1 << len(before)) - 1
    row, rows = everything, list[int]()
    for token in after:
        matches = row & places.get(token, 0)
        row = ((row + matches) | (row - matches)) & everything
        rows.append(row)
    pieces: list[Piece] = []
    old, new = len(before), len(after)
    while old and new:
        if rows[new - 1] >> (old - 1) & 1:
            old -= 1
            pieces.append((Edit.REMOVED, before[old]))
        elif new > 1 and not rows[new - 2] >> (old - 1) & 1:
            new -= 1
            pieces.append((Edit.ADDED, after[new]))
        else:
            old, new = old - 1, new - 1
            pieces.append((Edit.SAME, after[new]))
    pieces += [(Edit.ADDED, token) for token in reversed(after[:new])]
    pieces += [(Edit.REMOVED, token) for token in reversed(before[:old])]
    return pieces[::-1]


def _join(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Join neighbours: between two equal parts first all that is removed, then all that is added."""
    kept: dict[Edit, list[str]] = {edit: [] for edit in (Edit.REMOVED, Edit.ADDED, Edit.SAME)}
    for edit, token in pieces:
        if (edit is Edit.SAME) != bool(kept[Edit.SAME]):
            yield from _flush(kept)
        kept[edit].append(token)
    yield from _flush(kept)


def _flush(kept: dict[Edit, list[str]]) -> Iterator[Piece]:
    for edit, tokens in kept.items():
        if tokens:
            yield edit, "".join(tokens)
            tokens.clear()
