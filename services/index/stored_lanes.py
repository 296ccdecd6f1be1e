"""The ports `Lanes` and `Vocabulary` over a database of knowledge: vectors, full text, passages.

What differs between databases is how the nearest vectors and the best matches are found. Everywhere the
passage id breaks ties, so the same question gives the same list.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby, starmap
from typing import Generic, cast

from services.index import records
from services.index.relations import Among, C, Database, Row
from services.index.stems import tokens
from services.index.terms import category_key, numbered_names, search_terms
from use_cases.kernel.fusion import Candidate
from use_cases.kernel.model import DocumentRef, Passage, Span, Vector
from use_cases.kernel.ports import DocumentFrequencies
from use_cases.kernel.text.plain_text import storable
from use_cases.knowledge.errors import DimensionMismatch
from use_cases.knowledge.model import IndexExtent, IndexIdentity, Nearest

TITLE, HEADING, BODY = 2.0, 1.5, 1.0
"""The weights of the full text's fields in BM25."""
FEW = 5
"""The most passages that a name can identify: as many as a search shows."""


class StoredLanes(ABC, Generic[C]):
    """Both lanes of one database of knowledge."""

    def __init__(self, database: Database[C]) -> None:
        self._database = database

    async def extent(self) -> IndexExtent:
        """Returns what the index holds, as of the last search at least; counted once a write."""
        return await self._database.read(self._extent)

    async def nearest(self, vector: Vector, *, limit: int, category: str | None = None) -> Nearest:
        """Returns the best passages by cosine similarity. Raises `DimensionMismatch`."""

        def work(connection: C) -> Nearest:
            extent = self._extent(connection)
            found = self.find_nearest(connection, vector, limit, category, None)
            return Nearest(found, extent=extent)

        return await self._database.read(work)

    async def matching(
        self, query: str, *, limit: int, category: str | None = None
    ) -> Sequence[Candidate]:
        """Returns the best passages by BM25 over title, headings and text, for any text."""
        return await self._match(search_terms(query), limit, category)

    async def naming(
        self, query: str, *, limit: int, category: str | None = None
    ) -> Sequence[Candidate]:
        """Returns the best passages with a numbered name of the query, as it is written.

        A name in more than `FEW` passages is a subject like any other word, and identifies none.
        """
        return identified(await self._match(numbered_names(query), FEW + 1, category), limit)

    async def _match(
        self, terms: Sequence[str], limit: int, category: str | None
    ) -> Sequence[Candidate]:
        if not terms or limit < 1:
            return []
        return await self._database.read(
            lambda connection: self.best_matches(connection, terms, limit, category, None)
        )

    def find_nearest(
        self,
        connection: C,
        vector: Vector,
        limit: int,
        category: str | None,
        among: Among | None,
    ) -> Sequence[Candidate]:
        """Returns the best passages by cosine similarity. Raises `DimensionMismatch`."""
        stored = self._identity(connection)
        if stored is None or not stored.dimensions or limit < 1:
            return []
        if len(vector) != 4 * stored.dimensions:
            raise DimensionMismatch(
                f"The question's vector has {len(vector) // 4} components; the index holds"
                f" {stored.dimensions}."
            )
        key = None if category is None else category_key(category)
        return self._nearest(connection, vector, limit, key, among)

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
                " (SELECT d.number FROM candor_documents d WHERE :name IN (d.document_id, d.name)"
                " AND (CAST(:key AS text) IS NULL OR d.category_key = :key)"
                " ORDER BY d.document_id = :name DESC, d.uri LIMIT 1) ORDER BY p.start",
                {"name": storable(document), "key": key},
            )
        )
        return [cast("int", passage_id) for (passage_id,) in rows]

    async def passages(self, passage_ids: Sequence[int]) -> Mapping[int, Passage]:
        """Returns the passages with these ids; ids that no longer exist are left out."""
        return (await self.with_documents(passage_ids, ()))[0]

    async def with_documents(
        self, passage_ids: Sequence[int], beside: Sequence[int]
    ) -> tuple[Mapping[int, Passage], Collection[DocumentRef]]:
        """Returns passages, their documents, and of the documents beside those that may replace one of these."""
        values = {"ids": list(passage_ids), "beside": list(beside)}

        def work(connection: C) -> tuple[Mapping[int, Passage], Collection[DocumentRef]]:
            rows = connection.rows(_WITH_DOCUMENTS, values)
            found = made([row for row in rows if row[9] is not None])
            documents = {one.document.version_id: one.document for one in found.values()}
            others = [records.document_ref(row[:9]) for row in rows if row[9] is None]
            return found, (documents | {one.version_id: one for one in others}).values()

        return await self._database.read(work)

    async def in_readings(
        self, passage_ids: Sequence[int]
    ) -> Mapping[int, Sequence[tuple[Passage, bytes]]]:
        """Returns for each passage those that lie in its reading, itself included, with their token vectors."""
        wanted = list(passage_ids)
        return await self._database.read(lambda connection: self._in_readings(connection, wanted))

    async def tokens(self, passage_ids: Sequence[int]) -> Mapping[int, bytes]:
        """Returns the stored token vectors of these passages; those without any are left out."""
        wanted = list(passage_ids)
        return await self._database.read(lambda connection: self._tokens(connection, wanted))

    def _tokens(self, connection: C, passage_ids: Sequence[int]) -> Mapping[int, bytes]:
        if not self._has_tokens(connection):
            return {}
        rows = connection.rows(
            "SELECT passage_id, tokens FROM candor_tokens WHERE passage_id IN :ids",
            {"ids": passage_ids},
        )
        return dict(cast("list[tuple[int, bytes]]", rows))

    async def document_frequencies(self, words: Sequence[str]) -> DocumentFrequencies:
        """Returns the share of passages that contain each word's stem, as of the last search at least."""
        stems = {word: tokens(storable(word)) for word in words}
        every = {one for found in stems.values() for one in found}
        held, passages = self._at_hand(every) or await self._database.read(
            lambda connection: self._holding(connection, every)
        )
        # A word such as `co-op` has two stems: the rarest counts.
        rarest = {
            word: min((held.get(stem, 0) for stem in found), default=0)
            for word, found in stems.items()
        }
        total = max(1, passages)
        shares = {word: min(1.0, count / total) for word, count in rarest.items()}
        return DocumentFrequencies(shares, passages)

    def _identity(self, connection: C) -> IndexIdentity | None:
        is_empty = not connection.value("SELECT 1 FROM candor_documents LIMIT 1")
        return None if is_empty else records.identity(connection)

    @abstractmethod
    def best_matches(
        self,
        connection: C,
        terms: Sequence[str],
        limit: int,
        category: str | None,
        among: Among | None,
    ) -> Sequence[Candidate]:
        """Returns the best passages by BM25 that have some of these words and phrases."""

    @abstractmethod
    def _nearest(
        self,
        connection: C,
        vector: Vector,
        limit: int,
        category: str | None,
        among: Among | None,
    ) -> Sequence[Candidate]:
        """Returns the nearest passages, of a category by its key."""

    def _in_readings(
        self, connection: C, passage_ids: Sequence[int]
    ) -> Mapping[int, Sequence[tuple[Passage, bytes]]]:
        rows = connection.rows(
            f"SELECT p.passage_id, o.passage_id {IN_READINGS} ORDER BY p.passage_id, o.start",
            {"ids": list(passage_ids)},
        )
        pairs = cast("list[tuple[int, int]]", rows)
        others = list({other for _, other in pairs})
        found = self._passages(connection, others)
        tokens_of = self._tokens(connection, others)
        return {
            passage_id: [(found[other], tokens_of.get(other, b"")) for _, other in group]
            for passage_id, group in groupby(pairs, key=lambda pair: pair[0])
        }

    def _passages(self, connection: C, passage_ids: Sequence[int]) -> Mapping[int, Passage]:
        return made(connection.rows(_PASSAGES, {"ids": list(passage_ids)}))

    @abstractmethod
    def _extent(self, connection: C) -> IndexExtent:
        """Returns what the index holds."""

    def _at_hand(self, stems: Collection[str]) -> tuple[Mapping[str, int], int] | None:
        """Returns what `_holding` would, where the last search has read it."""
        return None

    @abstractmethod
    def _holding(self, connection: C, stems: Collection[str]) -> tuple[Mapping[str, int], int]:
        """Counts the passages of each stem, and all passages; a stem that none has may be left out."""

    @abstractmethod
    def _has_tokens(self, connection: C) -> bool:
        """Returns whether there is a table of token vectors."""


IN_READINGS = (
    "FROM candor_passages p JOIN candor_passages o"
    " ON o.document = p.document AND o.start < p.reading_stop AND o.stop > p.reading_start"
    " WHERE p.passage_id IN :ids"
)
"""Passages, and those that lie in their readings."""


PASSAGE_COLUMNS = (
    f"{records.REF_COLUMNS}, p.passage_id, p.section, p.page, p.start, p.stop, p.reading_start,"
    f" p.reading_stop, {records.PLACE}"
)
_PASSAGES = records.with_texts(f"SELECT {PASSAGE_COLUMNS} {records.FOUND}")
_OTHERS = f"SELECT {records.REF_COLUMNS}{', NULL' * 9} FROM candor_documents d WHERE d.number IN"  # noqa: S608  (constant text)
_BESIDE = "SELECT document FROM candor_passages WHERE passage_id IN :beside"
_SHOWN = (
    "candor_documents s WHERE s.number IN"
    " (SELECT document FROM candor_passages WHERE passage_id IN :ids)"
)
_WITH_DOCUMENTS = (
    f"{_PASSAGES} UNION ALL {_OTHERS} (SELECT r.number FROM candor_documents r, {_SHOWN}"  # noqa: S608  (constant text)
    f" AND r.family = s.family AND r.number <> s.number) AND EXISTS ({_BESIDE} AND document = d.number)"
    f" UNION ALL {_OTHERS} ({_BESIDE}) AND EXISTS (SELECT 1 FROM {_SHOWN} AND s.superseded_by IS NOT NULL)"
)
"""Passages, and the documents of others that may replace theirs: of the same family, or any where one names its own."""


def made(rows: Sequence[Row]) -> Mapping[int, Passage]:
    """Converts rows of `PASSAGE_COLUMNS` and more `with_texts`; returns the passages by id."""
    texts = {row[1]: cast("str", row[-1]) for row in rows if row[-1] is not None}
    return {cast("int", row[9]): _passage(row, texts[row[1]]) for row in rows}


def identified(found: Sequence[Candidate], limit: int) -> Sequence[Candidate]:
    """Returns at most `limit` of the passages that have a name; none where it is in more than `FEW`."""
    return found[:limit] if len(found) <= FEW else []


def ranked(scored: Iterable[tuple[int, float]], limit: int | None = None) -> list[Candidate]:
    """Sorts passages with their scores, best first, ties by passage id; returns at most `limit`."""
    ordered = sorted(scored, key=lambda pair: (-pair[1], pair[0]))[:limit]
    return list(starmap(Candidate, ordered))


def _passage(row: Row, text: str) -> Passage:
    values = cast("tuple[int, str, int | None, int, int, int, int]", row[9:16])
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
