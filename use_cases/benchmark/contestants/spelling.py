"""Whether a text may be a misspelling of another one, and of which of several.

How far apart two texts are is the optimal string alignment distance: insertions, deletions, substitutions and
transpositions.
"""

from collections.abc import Collection, Sequence
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

_MOST_EDITED = 0.25
_LONGEST = 500
_ONE_EDIT = 3
_TWO_EDITS = 10


@lru_cache(maxsize=65_536)
def looks_misspelt(value: str, other: str) -> bool:
    """Returns whether at most a quarter of the letters differ, one in short words, and no digit became
    another.

    A number is never a misspelling: 7 is as good as 1. Nor is a long text, which would take too long.
    """
    if max(len(value), len(other)) > _LONGEST:
        return False
    digits, others = ([each for each in text if each.isdecimal()] for text in (value, other))
    other_number = digits != others and len(digits) >= len(others)
    if len(value) < 2 or other_number or not any(map(str.isalpha, value)):
        return False
    most = max(1, int(len(other) * _MOST_EDITED))
    return OSA.distance(value, other, score_cutoff=most) <= most


def most_edits(length: int) -> int:
    """Returns how many edits a word of this length may have had: 1 in 3 letters and more, 2 in 10 and
    more.
    """
    return (length >= _ONE_EDIT) + (length >= _TWO_EDITS)


def nearest_values(value: str, known: Collection[str]) -> Sequence[str]:
    """Returns the known values at the smallest distance, and not the value itself, in alphabetic order.

    How far one may be away depends on its length.
    """
    near = process.extract(value, list(known), scorer=OSA.distance, score_cutoff=2, limit=None)
    close = [(far, other) for other, far, _ in near if 0 < far <= most_edits(len(other))]
    least = min(close, default=(0, ""))[0]
    return sorted(other for far, other in close if far == least)
