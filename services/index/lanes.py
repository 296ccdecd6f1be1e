"""The ports `Lanes` and `Vocabulary` over the knowledge database: vectors, full text, passages.

Two ways to the nearest vectors give one result: a cold process queries the exact table; a running
server keeps sign bits in memory (`bits.py`), narrows with them and compares the most promising
exactly. The bits are reloaded after a write of any process. The passage id breaks ties, so the same
question gives the same list.
"""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import cast

import numpy as np
from numpy.typing import NDArray

from services.index import bits, records
from services.index.bits import SignBits
from services.index.connection import Connection, Row, Value
from services.index.database import TOKENIZER, KnowledgeDatabase, has_tokens_table
from services.index.stored_passages import stored_vectors
from services.index.terms import category_key, match_query, name_query
from use_cases.kernel.fusion import Candidate
from use_cases.kernel.model import DocumentRef, Passage, Span, Vector
from use_cases.kernel.text.plain_text import storable
from use_cases.knowledge.errors import DimensionMismatch
from use_cases.knowledge.model import IndexIdentity

_TITLE, _HEADING, _BODY, _CATEGORY = 2.0, 1.5, 1.0, 0.0
MIN_DIMENSIONS = 64  # fewer signs are too coarse
FEW = 5  # the most passages that a name can identify: as many as a search shows
SMALL = 2_000  # passages up to which the exact table is as fast as the bits
_RESCORED = 4  # times the limit, compared exactly
_COARSE = 6  # times that, compared by the question's own components


@dataclass(frozen=True, slots=True)
class Among:
    """Some passages: a query for their ids, with its values by name."""

    sql: str
    values: Mapping[str, Value]


class SqliteLanes:
    """Both lanes of one knowledge database; `in_memory` keeps sign bits of all vectors."""

    def __init__(self, database: KnowledgeDatabase, *, in_memory: bool) -> None:
        self._database = database
        self._in_memory = in_memory
        self._loading = threading.Lock()
        self._bits: SignBits | None = None
        self._coverage: tuple[int, tuple[int, int]] | None = None

    async def identity(self) -> IndexIdentity | None:
        """Returns the identity that the index was built with; None while it is empty."""

        def work(connection: Connection) -> IndexIdentity | None:
            empty = not connection.value("SELECT 1 FROM candor_documents LIMIT 1")
            return None if empty else records.identity(connection)

        return await self._database.read(work)

    async def coverage(self) -> tuple[int, int]:
        """Returns how many passages have no vector, and how many there are; counted once a write."""
        return await self._database.read(self._current_coverage)

    async def nearest(
        self,
        vector: Vector,
        *,
        limit: int,
        category: str | None = None,
        among: Among | None = None,
    ) -> Sequence[Candidate]:
        """Returns the best passages by cosine similarity. Raises `DimensionMismatch`."""
        key = None if category is None else category_key(category)

        def work(connection: Connection) -> Sequence[Candidate]:
            stored = records.identity(connection)
            if stored is None or not stored.dimensions or limit < 1:
                return []
            if len(vector) != 4 * stored.dimensions:
                raise DimensionMismatch(
                    f"The question's vector has {len(vector) // 4} components; the index holds"
                    f" {stored.dimensions}."
                )
            if not self._in_memory or stored.dimensions < MIN_DIMENSIONS:
                return _search_exact(connection, vector, limit, key, among)
            sign_bits = self._current_bits(connection, stored.dimensions)
            if len(sign_bits.passage_ids) <= SMALL:
                return _search_exact(connection, vector, limit, key, among)
            return _search_narrowed(connection, sign_bits, vector, limit, key, among)

        return await self._database.read(work)

    async def matching(
        self,
        query: str,
        *,
        limit: int,
        category: str | None = None,
        among: Among | None = None,
    ) -> Sequence[Candidate]:
        """Returns the best passages by BM25 over title, headings and text, for any text."""
        return await self._match(match_query(query, category), limit, among)

    async def naming(
        self,
        query: str,
        *,
        limit: int,
        category: str | None = None,
        among: Among | None = None,
    ) -> Sequence[Candidate]:
        """Returns the best passages with a numbered name of the query, as it is written.

        A name in more than `FEW` passages is a subject like any other word, and identifies none.
        """
        found = await self._match(name_query(query, category), FEW + 1, among)
        return found[:limit] if len(found) <= FEW else []

    async def _match(
        self, expression: str | None, limit: int, among: Among | None
    ) -> Sequence[Candidate]:
        if expression is None or limit < 1:
            return []
        # The plus sign: one search whose rows are looked up, not a search for each of them.
        where = "" if among is None else f" AND +rowid IN ({among.sql})"
        rows = await self._database.read(
            lambda connection: connection.rows(
                "SELECT rowid,"  # noqa: S608  (constant text)
                f" -bm25(candor_fts, {_TITLE}, {_HEADING}, {_BODY}, {_CATEGORY}) AS score"
                f" FROM candor_fts WHERE candor_fts MATCH :expression{where}"
                " ORDER BY score DESC, rowid LIMIT :limit",
                {
                    "expression": expression,
                    "limit": limit,
                    **({} if among is None else among.values),
                },
            )
        )
        return [Candidate(*row) for row in cast("list[tuple[int, float]]", rows)]

    async def categories(self) -> Sequence[str]:
        """Returns the categories of the documents, each once, in alphabetical order."""
        rows = await self._database.read(
            lambda connection: connection.rows(
                "SELECT min(category) FROM candor_documents GROUP BY category_key ORDER BY 1"
            )
        )
        return [str(category) for (category,) in rows]

    async def within(self, document: str, *, category: str | None = None) -> Sequence[int]:
        """Returns the passages of one document (by id or exact name), in their order."""
        key = None if category is None else category_key(category)
        rows = await self._database.read(
            lambda connection: connection.rows(
                "SELECT p.passage_id FROM candor_passages p WHERE p.document ="
                " (SELECT d.number FROM candor_documents d WHERE ?1 IN (d.document_id, d.name)"
                " AND (?2 IS NULL OR d.category_key = ?2)"
                " ORDER BY d.document_id = ?1 DESC, d.uri LIMIT 1) ORDER BY p.start",
                (storable(document), key),
            )
        )
        return [cast("int", passage_id) for (passage_id,) in rows]

    async def documents(self, passage_ids: Sequence[int]) -> Mapping[int, DocumentRef]:
        """Returns the document of each of these passages; ids that no longer exist are left out."""
        wanted = list(passage_ids)
        return await self._database.read(lambda connection: _documents(connection, wanted))

    async def passages(self, passage_ids: Sequence[int]) -> Mapping[int, Passage]:
        """Returns the passages with these ids; ids that no longer exist are left out."""
        wanted = list(passage_ids)
        return await self._database.read(
            lambda connection: {found.passage_id: found for found in _passages(connection, wanted)}
        )

    async def in_readings(self, passage_ids: Sequence[int]) -> Mapping[int, Sequence[int]]:
        """Returns for each passage those that lie in its reading, itself included, in their order."""
        rows = await self._database.read(
            lambda connection: connection.rows(
                "SELECT p.passage_id, o.passage_id FROM candor_passages p JOIN candor_passages o"
                " ON o.document = p.document AND o.start < p.reading_stop AND o.stop > p.reading_start"
                " WHERE p.passage_id IN (SELECT value FROM json_each(?))"
                " ORDER BY p.passage_id, o.start",
                (json.dumps(list(passage_ids)),),
            )
        )
        pairs = cast("list[tuple[int, int]]", rows)
        return {
            passage_id: [other for _, other in group]
            for passage_id, group in groupby(pairs, key=lambda pair: pair[0])
        }

    async def tokens(self, passage_ids: Sequence[int]) -> Mapping[int, bytes]:
        """Returns the stored token vectors of these passages; those without any are left out."""
        wanted = json.dumps(list(passage_ids))

        def work(connection: Connection) -> Mapping[int, bytes]:
            if not has_tokens_table(connection):
                return {}
            rows = connection.rows(
                "SELECT passage_id, tokens FROM candor_tokens"
                " WHERE passage_id IN (SELECT value FROM json_each(?))",
                (wanted,),
            )
            return dict(cast("list[tuple[int, bytes]]", rows))

        return await self._database.read(work)

    async def document_frequencies(self, words: Sequence[str]) -> Mapping[str, float]:
        """Returns for each word the share (0 to 1) of passages that contain its stem."""
        wanted = list(words)
        return await self._database.read(
            lambda connection: _frequencies(
                connection, wanted, self._current_coverage(connection)[1]
            )
        )

    async def passage_count(self) -> int:
        """Returns the number of passages."""
        return await self._database.read(lambda connection: self._current_coverage(connection)[1])

    def _current_coverage(self, connection: Connection) -> tuple[int, int]:
        generation = records.generation(connection)
        coverage = self._coverage
        if coverage is None or coverage[0] != generation:
            passages, vectors = records.passage_counts(connection)
            coverage = self._coverage = generation, (passages - vectors, passages)
        return coverage[1]

    def _current_bits(self, connection: Connection, dimensions: int) -> SignBits:
        # One thread loads, the others wait: loading twice would only be slower.
        with self._loading:
            generation = records.generation(connection)
            sign_bits = self._bits
            if sign_bits is None or sign_bits.generation != generation:
                rows = connection.rows(
                    "SELECT category_key, passage_ids, bits FROM candor_bits ORDER BY document"
                )
                stored = cast("list[tuple[str, bytes, bytes]]", rows)
                sign_bits = self._bits = bits.unpack(generation, dimensions, stored)
            return sign_bits


def _search_exact(
    connection: Connection, vector: Vector, limit: int, category: str | None, among: Among | None
) -> Sequence[Candidate]:
    where, values = "", dict[str, Value]()
    if category is not None:
        where, values = " AND category = :category", {"category": category}
    if among is not None:
        where, values = f"{where} AND passage_id IN ({among.sql})", {**values, **among.values}
    rows = connection.rows(
        "SELECT passage_id, distance FROM candor_vectors"  # noqa: S608  (constant text)
        f" WHERE embedding MATCH :vector AND k = :limit{where}",
        {"vector": vector, "limit": limit, **values},
    )
    # Between unit vectors, cosine = 1 - distance² / 2.
    found = cast("list[tuple[int, float]]", rows)
    return _rank([(1 - distance * distance / 2, passage_id) for passage_id, distance in found])


def _search_narrowed(
    connection: Connection,
    sign_bits: SignBits,
    vector: Vector,
    limit: int,
    category: str | None,
    among: Among | None,
) -> Sequence[Candidate]:
    rescored = _RESCORED * max(limit, 100)
    allowed = None if among is None else _ids(connection, among)
    chosen = sign_bits.candidates(
        vector, limit=rescored, coarse=_COARSE * rescored, category=category, allowed=allowed
    )
    if not len(chosen):
        return []
    ids, vectors = stored_vectors(connection, chosen.tolist(), sign_bits.dimensions)
    matrix = np.frombuffer(b"".join(vectors), dtype="<f4").reshape(len(ids), sign_bits.dimensions)
    scores = bits.products(matrix, vector)
    return _rank(list(zip(scores.tolist(), ids, strict=True)))[:limit]


def _ids(connection: Connection, among: Among) -> NDArray[np.int64]:
    return np.array([row[0] for row in connection.rows(among.sql, among.values)], dtype=np.int64)


def _rank(scored: list[tuple[float, int]]) -> list[Candidate]:
    """Sorts by score, best first, ties by passage id."""
    ordered = sorted(scored, key=lambda pair: (-pair[0], pair[1]))
    return [Candidate(passage_id, score) for score, passage_id in ordered]


def _documents(connection: Connection, passage_ids: Sequence[int]) -> Mapping[int, DocumentRef]:
    rows = connection.rows(
        f"SELECT {records.REF_COLUMNS}, p.passage_id"  # noqa: S608  (constant text)
        " FROM candor_passages p JOIN candor_documents d ON d.number = p.document"
        " WHERE p.passage_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(passage_ids)),),
    )
    known: dict[object, DocumentRef] = {}  # many passages share few documents
    for row in rows:
        known.setdefault(row[1], records.document_ref(row[:9]))
    return {cast("int", row[9]): known[row[1]] for row in rows}


def _passages(connection: Connection, passage_ids: Sequence[int]) -> Iterator[Passage]:
    rows = connection.rows(
        f"SELECT {records.REF_COLUMNS}, p.passage_id, p.section, p.page, p.start, p.stop,"  # noqa: S608  (constant text)
        " p.reading_start, p.reading_stop"
        " FROM candor_passages p JOIN candor_documents d ON d.number = p.document"
        " WHERE p.passage_id IN (SELECT value FROM json_each(?)) ORDER BY d.version_id",
        (json.dumps(list(passage_ids)),),
    )
    # A version's text is read once for all its passages.
    for version_id, group in groupby(rows, key=lambda row: row[1]):
        text = connection.value(
            "SELECT text FROM candor_versions WHERE version_id = ?", (version_id,)
        )
        for row in group:
            yield _passage(row, str(text))


def _passage(row: Row, text: str) -> Passage:
    values = cast("tuple[int, str, int | None, int, int, int, int]", tuple(row[9:]))
    passage_id, section, page, start, stop, reading_start, reading_stop = values
    span, reading = Span(start, stop), Span(reading_start, reading_stop)
    return Passage(
        passage_id=passage_id,
        document=records.document_ref(row[:9]),
        section=section,
        page=page,
        span=span,
        text=span.cut(text),
        reading=reading,
        reading_text=reading.cut(text),
    )


def _frequencies(connection: Connection, words: Sequence[str], total: int) -> Mapping[str, float]:
    if not total:
        return dict.fromkeys(words, 0.0)
    return {
        word: min(1.0, _count_holding(connection, connection.tokens(TOKENIZER, clean)) / total)
        for word, clean in zip(words, map(storable, words), strict=True)
    }


def _count_holding(connection: Connection, stems: list[str]) -> int:
    """Counts the passages with the rarest of these stems (a word such as `co-op` has two)."""
    counts = [
        connection.number("SELECT doc FROM candor_vocabulary WHERE term = ?", (stem,))
        for stem in stems
    ]
    return min(counts, default=0)
