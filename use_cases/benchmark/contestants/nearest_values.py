"""Finds the values of a column that a value may be a misspelling of.

The index is Pass-Join's (Li, Deng, Wang and Feng, VLDB 2011): a known value is cut into more pieces than
edits can touch, so one of them occurs in the misspelling, at most as many characters away as there are
edits. Its size and time are linear in the values, whatever their length. Short values, which one edit may
have changed, are found by their deletions (Mor and Fraenkel, 1982), because their pieces are too common.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

_ONE_EDIT = 3
_TWO_EDITS = 10
_FURTHEST = 2


def edit_distance(one: str, other: str, most: int) -> int:
    """Returns the optimal string alignment distance: insertions, deletions, substitutions,
    transpositions.

    `most + 1` where it is greater than `most`.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    if most == 1 and len(one) > 2:  # what differs at both ends is longer than one edit
        return 2
    before: Sequence[int] = ()
    last: list[int] = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before, last = last, row
    return min(last[-1], most + 1)


def most_edits(length: int) -> int:
    """Returns how many edits a word of this length may have had: 1 in 3 letters and more, 2 in 10 and
    more.
    """
    return (length >= _ONE_EDIT) + (length >= _TWO_EDITS)


class NearestValues:
    """Known values, searched by edit distance. How far one may be away depends on its length."""

    def __init__(self, values: Iterable[str]) -> None:
        self._pieces: dict[tuple[int, int, str], list[str]] = defaultdict(list)
        self._shortened: dict[str, list[str]] = defaultdict(list)
        for value in values:
            if most_edits(len(value)) == 1:
                for text in _shortened(value):
                    self._shortened[text].append(value)
                continue
            for number, start, end in _cuts(len(value)):
                self._pieces[len(value), number, value[start:end]].append(value)

    def near(self, value: str) -> Sequence[str]:
        """Returns the known values at the smallest distance, and not the value itself, in alphabetic
        order.
        """
        least, found = _FURTHEST, list[str]()
        for known in self._candidates(value):
            most = most_edits(len(known))
            distance = edit_distance(value, known, min(most, least))
            if distance > min(most, least):
                continue
            if distance < least:
                least, found = distance, []
            found.append(known)
        return sorted(found)

    def _candidates(self, value: str) -> set[str]:
        found = set[str]()
        for text in _shortened(value) if len(value) <= _TWO_EDITS else ():
            found.update(self._shortened.get(text, ()))
        for length in range(max(len(value) - 2, 0), len(value) + 3):
            most = most_edits(length)
            if most == 1 or abs(length - len(value)) > most:
                continue
            for number, start, end in _cuts(length):
                for place in range(max(start - most, 0), start + most + 1):
                    piece = value[place : place + end - start]
                    found.update(self._pieces.get((length, number, piece), ()))
        found.discard(value)
        return found


def _shortened(value: str) -> set[str]:
    """Returns the value, and it without any one letter: texts one edit apart have one of these in
    common.
    """
    return {value, *(value[:at] + value[at + 1 :] for at in range(len(value)))}


def _cuts(length: int) -> Iterator[tuple[int, int, int]]:
    """Number, start and end of each piece; a transposition touches two pieces."""
    pieces = 2 * most_edits(length) + 1
    for number in range(pieces):
        yield number, number * length // pieces, (number + 1) * length // pieces
