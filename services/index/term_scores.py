"""BM25 as a sum over terms: what each adds to the score of the passages that have it, kept between two writes."""

import math
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

MOST = 16_000_000
"""Passages of all terms that are kept together: 128 MB, where there are so many passages; of 100,000 all fit in."""
_K1, _B = 1.2, 0.75
_GROUP = 32  # passages

Added: TypeAlias = tuple[NDArray[np.uint32], NDArray[np.float32]]
"""Passage ids, each once, and what a term adds to the score of each."""
Term: TypeAlias = tuple[tuple[str, ...], bool]
"""Stems that follow one another; True: the last one stands for all that begin with it."""

NOTHING: Added = (np.empty(0, np.uint32), np.empty(0, np.float32))


def added_by(
    ids: NDArray[np.integer],
    frequencies: NDArray[np.float32],
    words: NDArray[np.integer],
    *,
    passages: int,
    average: float,
) -> Added:
    """Returns what a term adds to these of all the `passages`, by FTS5's formula.

    `frequencies` are weighted by the places of the term; `words` are the lengths of the passages, `average` that of
    all. A term that most passages have adds a little.
    """
    rarity = max(1e-6, math.log((passages - len(ids) + 0.5) / (len(ids) + 0.5)))
    # Doubles take several times as long.
    norm = _K1 * (1 - _B + _B * words.astype(np.float32) / average)
    added = rarity * (_K1 + 1) * frequencies / (frequencies + norm)
    return ids.astype(np.uint32), added.astype(np.float32, copy=False)


def total(terms: Sequence[Added]) -> tuple[int, NDArray[np.float32]]:
    """Returns the first id that has a term, and the scores of the passages from there on: 0 without any term."""
    found = [one for one in terms if len(one[0])]
    first = min((int(ids.min()) for ids, _ in found), default=0)
    last = max((int(ids.max()) for ids, _ in found), default=0)
    # Doubles of a million passages do not stay in a processor's cache.
    scores = np.zeros(_GROUP * (1 + (last - first) // _GROUP), np.float32)
    for ids, added in found:
        places = ids.astype(np.int64) - first  # shorter numbers take half as long again
        scores[places] += added
    return first, scores


def best_of(first: int, scores: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
    """Returns the same as `best`, for a `total`: fewer than `limit` only where no more passages have a term.

    The best passages are in the groups whose best ones are the best, so no other groups are looked into.
    """
    # A group is a column, for the maxima of rows take thirty times as long.
    highest = scores.reshape(_GROUP, -1).max(axis=0)
    having = np.flatnonzero(highest)
    chosen = np.array([group for group, _ in best(having, highest[having], limit)], np.int64)
    places = (len(highest) * np.arange(_GROUP)[:, None] + chosen).ravel()
    places = places[scores[places] > 0]
    return best(places + first, scores[places], limit)


def best(
    ids: NDArray[np.int64], scores: NDArray[np.floating], limit: int
) -> list[tuple[int, float]]:
    """Returns the passages with the best scores, in no order, and all that are as good as the last."""
    if len(ids) > limit:
        chosen = scores >= np.partition(scores, -limit)[-limit]
        ids, scores = ids[chosen], scores[chosen]
    return list(zip(ids.tolist(), scores.tolist(), strict=True))


class TermScores:
    """The terms used last of one generation of a database, up to `MOST` passages of all of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[Term, Added] = OrderedDict()
        self._size = 0

    def of(self, term: Term) -> Added | None:
        """Returns what a term adds; None where it is not kept."""
        with self._lock:
            added = self._held.get(term)
            if added is not None:
                self._held.move_to_end(term)
            return added

    def keep(self, term: Term, added: Added) -> None:
        """Keeps what a term adds."""
        with self._lock:
            if term not in self._held:
                self._held[term] = added
                self._size += len(added[0])
            while self._size > MOST:
                self._size -= len(self._held.popitem(last=False)[1][0])
