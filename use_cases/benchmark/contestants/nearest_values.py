"""Finds the values of a column that a value may be a misspelling of.

How far apart two texts are is the optimal string alignment distance: insertions, deletions, substitutions and
transpositions. A value is compared with those that are at most two letters longer or shorter.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

_ONE_EDIT = 3
_TWO_EDITS = 10
_FURTHEST = 2


def most_edits(length: int) -> int:
    """Returns how many edits a word of this length may have had: 1 in 3 letters and more, 2 in 10 and
    more.
    """
    return (length >= _ONE_EDIT) + (length >= _TWO_EDITS)


class NearestValues:
    """Known values, searched by edit distance. How far one may be away depends on its length."""

    def __init__(self, values: Iterable[str]) -> None:
        self._of_length = defaultdict[int, list[str]](list)
        for value in values:
            self._of_length[len(value)].append(value)

    def near(self, value: str) -> Sequence[str]:
        """Returns the known values at the smallest distance, and not the value itself, in alphabetic
        order.
        """
        found = defaultdict[int, list[str]](list)
        for length in range(len(value) - _FURTHEST, len(value) + _FURTHEST + 1):
            known, most = self._of_length.get(length, ()), most_edits(length)
            near = process.extract(value, known, scorer=OSA.distance, score_cutoff=most, limit=None)
            for other, distance, _ in near:
                found[distance].append(other)
        found.pop(0, None)
        return sorted(found[min(found)]) if found else []
