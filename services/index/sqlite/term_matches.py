"""BM25 over the postings of FTS5, which are kept in memory between two writes.

FTS5's own `bm25()` looks up the length of every passage that has a word of the question, anew for each
question: six times the time of reading the postings. Here the lengths are read once, for a passage never
changes; and a score is a sum over terms, of which each adds the same until the next write. The terms used
last stay, up to `MOST` passages of all of them together (32 MB). The scores are those of `bm25()`.

Relies on what FTS5 documents of its shadow tables: `_docsize` has the words of each row, field by field,
and row 1 of `_data` the number of rows and the words of all of them.
"""

import math
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from services.index.sqlite.connection import Connection
from services.index.stems import tokens
from services.index.terms import expression, is_prefix

MOST = 4_000_000
_COUNTS = 10_000  # stems whose passages are counted, and not kept
_K1, _B = 1.2, 0.75

Added: TypeAlias = tuple[NDArray[np.uint32], NDArray[np.float32]]
"""Passage ids in their order, and what the term adds to the score of each."""
_Key: TypeAlias = tuple[tuple[str, ...], bool]


class TermMatches:
    """The terms of one generation of the database; `weights` are those of title, headings and text.

    `former` are those of an earlier generation: the lengths of passages are taken from there.
    """

    def __init__(
        self,
        generation: int,
        weights: tuple[float, float, float],
        former: "TermMatches | None" = None,
    ) -> None:
        self.generation = generation
        self._weights = np.array([*weights, 0.0], np.float32)
        self._score = f"-bm25(candor_fts, {', '.join(map(str, weights))}, 0.0)"
        self._ids, self._lengths = former.lengths if former else (_NO_IDS, _NO_IDS)
        self._rows, self._average = 0, 0.0
        self._lock = threading.Lock()
        self._held: OrderedDict[_Key, Added] = OrderedDict()
        self._size = 0
        self._counts: dict[str, int] = {}

    @property
    def lengths(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The ids of passages in their order, and how many words each has."""
        return self._ids, self._lengths

    def best(
        self, connection: Connection, terms: Sequence[str], limit: int
    ) -> list[tuple[int, float]]:
        """Returns the passages with the best scores, in no order, and all that are as good as the last."""
        found = [one for one in (self._of(connection, term) for term in terms) if len(one[0])]
        if not found:
            return []
        first = min(int(ids[0]) for ids, _ in found)
        scores = np.zeros(max(int(ids[-1]) for ids, _ in found) - first + 1)
        for ids, added in found:
            scores[ids - first] += added
        best = np.flatnonzero(scores)
        if len(best) > limit:
            least = np.partition(scores[best], len(best) - limit)[len(best) - limit]
            best = best[scores[best] >= least]
        return list(zip((best + first).tolist(), scores[best].tolist(), strict=True))

    def count(self, connection: Connection, stem: str) -> int:
        """Returns how many passages have a stem."""
        with self._lock:
            added = self._held.get(((stem,), False))
            known = self._counts.get(stem) if added is None else len(added[0])
        if known is None:
            one = "SELECT doc FROM candor_vocabulary WHERE term = ?"
            known = connection.number(one, (stem,))
            with self._lock:
                if len(self._counts) >= _COUNTS:
                    self._counts.clear()
                self._counts[stem] = known
        return known

    def _of(self, connection: Connection, term: str) -> Added:
        key = (tuple(tokens(term)), is_prefix(term))
        if not key[0]:
            return _NOTHING
        with self._lock:
            added = self._held.get(key)
            if added is not None:
                self._held.move_to_end(key)
                return added
        if len(key[0]) == 1 and not key[1]:
            added = self._read_postings(connection, key[0][0])
        else:
            added = self._read_phrase(connection, term)
        with self._lock:
            if key not in self._held:
                self._held[key] = added
                self._size += len(added[0])
            while self._size > MOST:
                self._size -= len(self._held.popitem(last=False)[1][0])
        return added

    def _read_postings(self, connection: Connection, stem: str) -> Added:
        # One text of numbers, because a row for each occurrence takes three times as long.
        connection.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.candor_places"
            " USING fts5vocab(main, candor_fts, instance)"
        )
        found = connection.value(
            "SELECT group_concat(doc * 4 + CASE col WHEN 'body' THEN 2 WHEN 'title' THEN 0"
            " WHEN 'heading' THEN 1 ELSE 3 END) FROM temp.candor_places WHERE term = ?",
            (stem,),
        )
        if found is None:
            return _NOTHING
        places = np.fromstring(str(found), np.int64, sep=",")
        begins = np.flatnonzero(np.diff(places >> 2, prepend=-1))
        ids = places[begins] >> 2
        frequencies = np.add.reduceat(self._weights[places & 3], begins)
        self._read_lengths(connection)
        lengths = self._lengths[np.searchsorted(self._ids, ids)]
        rarity = max(1e-6, math.log((self._rows - len(ids) + 0.5) / (len(ids) + 0.5)))
        norm = _K1 * (1 - _B + _B * lengths / self._average)
        added = rarity * frequencies * (_K1 + 1) / (frequencies + norm)
        return ids.astype(np.uint32), added.astype(np.float32)

    def _read_lengths(self, connection: Connection) -> None:
        with self._lock:
            if self._rows:
                return
            content = connection.value("SELECT block FROM candor_fts_data WHERE id = 1")
            self._rows, *words = _varints(cast("bytes", content)).tolist()
            self._average = sum(words) / self._rows
            last = int(self._ids[-1]) if len(self._ids) else 0
            stored = connection.rows(
                "SELECT id, sz FROM candor_fts_docsize WHERE id > ? ORDER BY id", (last,)
            )
            if stored:
                ids, sizes = zip(*cast("list[tuple[int, bytes]]", stored), strict=True)
                fields = _varints(b"".join(sizes)).reshape(len(ids), -1)
                self._ids = np.concatenate([self._ids, np.array(ids, np.int64)])
                self._lengths = np.concatenate([self._lengths, fields.sum(axis=1)])

    def _read_phrase(self, connection: Connection, term: str) -> Added:
        rows = connection.rows(
            f"SELECT rowid, {self._score} FROM candor_fts WHERE candor_fts MATCH ? ORDER BY rowid",  # noqa: S608  (constant text)
            (expression([term], None),),
        )
        if not rows:
            return _NOTHING
        ids, added = zip(*cast("list[tuple[int, float]]", rows), strict=True)
        return np.array(ids, np.uint32), np.array(added, np.float32)


_NO_IDS = np.empty(0, np.int64)
_NOTHING: Added = (np.empty(0, np.uint32), np.empty(0, np.float32))


def _varints(content: bytes) -> NDArray[np.int64]:
    """Returns the numbers of SQLite's form: seven bits a byte, the last without the eighth bit."""
    read = np.frombuffer(content, np.uint8)
    ends = np.flatnonzero(read < 0x80)
    begins = np.concatenate([[0], ends[:-1] + 1])
    places = np.repeat(ends, ends - begins + 1) - np.arange(len(read))
    return np.add.reduceat((read & 0x7F).astype(np.int64) << (7 * places), begins)
