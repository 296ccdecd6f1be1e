"""BM25 over the postings of FTS5.

FTS5's own `bm25()` looks up the length of every passage that has a word of the question, anew for each
question: six times the time of reading the postings. Here the lengths are read once, for a passage never
changes, and what a term adds is kept until the next write. The scores are those of `bm25()`.

Relies on what FTS5 documents of its shadow tables: `_docsize` has the words of each row, field by field,
and row 1 of `_data` the number of rows and the words of all of them.
"""

import threading
from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from services.index.sqlite.connection import Connection
from services.index.stems import tokens
from services.index.term_scores import NOTHING, Added, TermScores, added_by, best_of, total
from services.index.terms import expression, is_prefix

_COUNTS = 10_000  # stems whose passages are counted, and not kept


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
        self._lengths = former.lengths if former else np.zeros(1, np.int32)
        self._rows, self._average = 0, 0.0
        self._lock = threading.Lock()
        self._scores = TermScores()
        self._counts: dict[str, int] = {}

    @property
    def lengths(self) -> NDArray[np.int32]:
        """How many words each passage has, at the place of its id."""
        return self._lengths

    def best(
        self, connection: Connection, terms: Sequence[str], limit: int
    ) -> list[tuple[int, float]]:
        """Returns the passages with the best scores, in no order, and all that are as good as the last."""
        return best_of(*total([self._of(connection, term) for term in terms]), limit)

    def count(self, connection: Connection, stem: str) -> int:
        """Returns how many passages have a stem."""
        added = self._scores.of(((stem,), False))
        with self._lock:
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
            return NOTHING
        added = self._scores.of(key)
        if added is not None:
            return added
        if len(key[0]) == 1 and not key[1]:
            added = self._read_postings(connection, key[0][0])
        else:
            added = self._read_phrase(connection, term)
        self._scores.keep(key, added)
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
            return NOTHING
        places = np.fromstring(str(found), np.int64, sep=",")
        rows = places >> 2
        begins = np.concatenate([[0], np.flatnonzero(rows[1:] != rows[:-1]) + 1])
        ids = rows[begins]
        frequencies = np.add.reduceat(self._weights[places & 3], begins)
        self._read_lengths(connection)
        words = self._lengths[ids]
        return added_by(ids, frequencies, words, passages=self._rows, average=self._average)

    def _read_lengths(self, connection: Connection) -> None:
        with self._lock:
            if self._rows:
                return
            content = connection.value("SELECT block FROM candor_fts_data WHERE id = 1")
            self._rows, *words = _varints(cast("bytes", content)).tolist()
            self._average = sum(words) / self._rows
            known = len(self._lengths)
            stored = connection.rows(
                "SELECT id, sz FROM candor_fts_docsize WHERE id >= ? ORDER BY id", (known,)
            )
            if stored:
                ids, sizes = zip(*cast("list[tuple[int, bytes]]", stored), strict=True)
                fields = _varints(b"".join(sizes)).reshape(len(ids), -1)
                self._lengths = np.pad(self._lengths, (0, ids[-1] + 1 - known))
                self._lengths[list(ids)] = fields.sum(axis=1)

    def _read_phrase(self, connection: Connection, term: str) -> Added:
        rows = connection.rows(
            f"SELECT rowid, {self._score} FROM candor_fts WHERE candor_fts MATCH ? ORDER BY rowid",  # noqa: S608  (constant text)
            (expression([term], None),),
        )
        if not rows:
            return NOTHING
        ids, added = zip(*cast("list[tuple[int, float]]", rows), strict=True)
        return np.array(ids, np.uint32), np.array(added, np.float32)


def _varints(content: bytes) -> NDArray[np.int64]:
    """Returns the numbers of SQLite's form: seven bits a byte, the last without the eighth bit."""
    read = np.frombuffer(content, np.uint8)
    ends = np.flatnonzero(read < 0x80)
    begins = np.concatenate([[0], ends[:-1] + 1])
    places = np.repeat(ends, ends - begins + 1) - np.arange(len(read))
    return np.add.reduceat((read & 0x7F).astype(np.int64) << (7 * places), begins)
