"""The ports `Lanes` and `Vocabulary` over the file of a knowledge database.

The most promising vectors are chosen by sign bits in memory (`bits.py`), or by the table itself where there are
few or short ones; these are compared with the question's own components. The bits are reloaded after a write of
any process.
"""

import threading
from collections.abc import Collection, Mapping, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from services.index.relations import Among, Value
from services.index.sqlite import bits
from services.index.sqlite.bits import SignBits
from services.index.sqlite.connection import Connection
from services.index.sqlite.database import (
    KnowledgeDatabase,
    generation_of,
    has_tokens_table,
    passage_counts,
)
from services.index.sqlite.stored_passages import stored_vectors
from services.index.sqlite.term_matches import TermMatches
from services.index.stored_lanes import (
    BODY,
    HEADING,
    TITLE,
    StoredLanes,
    ranked,
)
from services.index.term_scores import best
from services.index.terms import expression
from services.index.whole_numbers import directions, to_whole
from use_cases.kernel.fusion import Candidate
from use_cases.kernel.model import Vector
from use_cases.knowledge.model import IndexExtent

_SCORE = f"-bm25(candor_fts, {TITLE}, {HEADING}, {BODY}, 0.0)"  # the category counts nothing
MIN_DIMENSIONS = 64  # fewer signs are too coarse
SMALL = 2_000  # passages up to which the table is as fast as the bits
_RESCORED = 4  # times the limit, compared with the question's own components
_MOST = 4_096  # rows that one query of the table gives
_COARSE = 6  # times that, compared by the question's own components


class SqliteLanes(StoredLanes[Connection]):
    """Both lanes of one file; `in_memory` keeps the postings of words."""

    def __init__(self, database: KnowledgeDatabase, *, in_memory: bool) -> None:
        super().__init__(database)
        self._in_memory = in_memory
        self._loading = threading.Lock()
        self._bits: SignBits | None = None
        self._terms: TermMatches | None = None
        self._counted: tuple[int, tuple[int, int]] | None = None

    def best_matches(
        self,
        connection: Connection,
        terms: Sequence[str],
        limit: int,
        category: str | None,
        among: Among | None,
    ) -> Sequence[Candidate]:
        """Returns the best passages by FTS5's BM25."""
        if self._in_memory and category is None and among is None:
            return ranked(self._current_terms(connection).best(connection, terms, limit), limit)
        # The plus sign: one search whose rows are looked up, not a search for each of them.
        where = "" if among is None else f" AND +rowid IN ({among.sql})"
        rows = connection.rows(
            f"SELECT rowid, {_SCORE} AS score"  # noqa: S608  (constant text)
            f" FROM candor_fts WHERE candor_fts MATCH :expression{where}"
            " ORDER BY score DESC, rowid LIMIT :limit",
            {
                "expression": expression(terms, category),
                "limit": limit,
                **({} if among is None else among.values),
            },
        )
        return [Candidate(*row) for row in cast("list[tuple[int, float]]", rows)]

    def _nearest(
        self,
        connection: Connection,
        vector: Vector,
        limit: int,
        category: str | None,
        among: Among | None,
    ) -> Sequence[Candidate]:
        dimensions = len(vector) // 4
        sign_bits = self._current_bits(connection, dimensions)
        if dimensions < MIN_DIMENSIONS or len(sign_bits.passage_ids) <= SMALL:
            chosen = _choose(connection, vector, limit, category, among)
        else:
            chosen = _narrow(connection, sign_bits, vector, limit, category, among)
        ids, whole = stored_vectors(connection, chosen, dimensions)
        scores = bits.products(directions(whole, dimensions), vector)
        return ranked(best(np.array(ids), scores, limit), limit)

    def _holding(
        self, connection: Connection, stems: Collection[str]
    ) -> tuple[Mapping[str, int], int]:
        known = self._current_terms(connection)
        held = {stem: known.count(connection, stem) for stem in stems}
        return held, self._coverage(connection)[1]

    def _has_tokens(self, connection: Connection) -> bool:
        return has_tokens_table(connection)

    def _extent(self, connection: Connection) -> IndexExtent:
        missing, passages = self._coverage(connection)
        return IndexExtent(self._identity(connection), passages, missing)

    def _coverage(self, connection: Connection) -> tuple[int, int]:
        generation = generation_of(connection)
        coverage = self._counted
        if coverage is None or coverage[0] != generation:
            passages, vectors = passage_counts(connection)
            coverage = self._counted = generation, (passages - vectors, passages)
        return coverage[1]

    def _current_terms(self, connection: Connection) -> TermMatches:
        generation = generation_of(connection)
        terms = self._terms
        if terms is None or terms.generation != generation:
            terms = self._terms = TermMatches(generation, (TITLE, HEADING, BODY), terms)
        return terms

    def _current_bits(self, connection: Connection, dimensions: int) -> SignBits:
        # One thread loads, the others wait: loading twice would only be slower.
        with self._loading:
            generation = generation_of(connection)
            sign_bits = self._bits
            if sign_bits is None or sign_bits.generation != generation:
                rows = connection.rows(
                    "SELECT category_key, passage_ids, bits FROM candor_bits ORDER BY document"
                )
                stored = cast("list[tuple[str, bytes, bytes]]", rows)
                sign_bits = self._bits = bits.unpack(generation, dimensions, stored)
            return sign_bits


def _choose(
    connection: Connection, vector: Vector, limit: int, category: str | None, among: Among | None
) -> Sequence[int]:
    where, values = "", dict[str, Value | Sequence[Value]]()
    if category is not None:
        where, values = " AND category = :category", {"category": category}
    if among is not None:
        where, values = f"{where} AND passage_id IN ({among.sql})", {**values, **among.values}
    (whole,) = to_whole([vector])
    most = max(limit, min(_RESCORED * limit, _MOST))
    rows = connection.rows(
        "SELECT passage_id FROM candor_vectors"  # noqa: S608  (constant text)
        f" WHERE embedding MATCH vec_int8(:vector) AND k = :most{where}",
        {"vector": whole, "most": most, **values},
    )
    return [row[0] for row in cast("list[tuple[int]]", rows)]


def _narrow(
    connection: Connection,
    sign_bits: SignBits,
    vector: Vector,
    limit: int,
    category: str | None,
    among: Among | None,
) -> Sequence[int]:
    rescored = _RESCORED * max(limit, 100)
    allowed = None if among is None else _ids(connection, among)
    return sign_bits.candidates(
        vector, limit=rescored, coarse=_COARSE * rescored, category=category, allowed=allowed
    ).tolist()


def _ids(connection: Connection, among: Among) -> NDArray[np.int64]:
    return np.array([row[0] for row in connection.rows(among.sql, among.values)], dtype=np.int64)
