"""The ports `Lanes` and `Vocabulary` over the knowledge in PostgreSQL: vectors, full text, passages.

Vectors: all are compared where there are few; else pgvector's graph (HNSW, of vectors in half precision) gives
the nearest, and where it gives fewer than there are, all are compared after all. Full text: BM25 with FTS5's
weights over the postings of the question's stems (`postings.py`), every passage that has one of them. The
passage id breaks ties.
"""

import math
from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import groupby
from typing import cast

import numpy as np

from services.index import records
from services.index.lanes import FEW
from services.index.postgresql.document_rows import literal
from services.index.postgresql.knowledge_server import (
    KnowledgeServer,
    KnowledgeState,
    Row,
    ServerConnection,
)
from services.index.postgresql.postings import Postings, merged, read_postings, stems_from
from services.index.postgresql.stemmed import Phrase, phrases, tokens
from services.index.terms import category_key, numbered_names, search_terms
from use_cases.kernel.fusion import Candidate
from use_cases.kernel.model import DocumentRef, Passage, Span, Vector
from use_cases.kernel.text.plain_text import storable
from use_cases.knowledge.errors import DimensionMismatch
from use_cases.knowledge.model import IndexIdentity

EXACT = 10_000
"""Vectors up to which all are compared."""

_K1, _B = 1.2, 0.75
_WEIGHTS = {"A": 2.0, "B": 1.5, "D": 1.0}


class ServerLanes:
    """Both lanes of one knowledge database."""

    def __init__(self, database: KnowledgeServer) -> None:
        self._database = database

    async def identity(self) -> IndexIdentity | None:
        """Returns the identity that the index was built with; None while it is empty."""

        def work(connection: ServerConnection) -> IndexIdentity | None:
            state = self._database.state(connection)
            return state.identity if state.counts else None

        return await self._database.read(work)

    async def coverage(self) -> tuple[int, int]:
        """Returns how many passages have no vector, and how many there are."""
        state = await self._database.read(self._database.state)
        return state.passages - state.vectors(), state.passages

    async def nearest(
        self, vector: Vector, *, limit: int, category: str | None = None
    ) -> Sequence[Candidate]:
        """Returns the best passages by cosine similarity. Raises `DimensionMismatch`."""
        key = None if category is None else category_key(category)

        def work(connection: ServerConnection) -> Sequence[Candidate]:
            state = self._database.state(connection)
            stored = state.identity
            if stored is None or not stored.dimensions or limit < 1:
                return []
            if len(vector) != 4 * stored.dimensions:
                raise DimensionMismatch(
                    f"The question's vector has {len(vector) // 4} components; the index holds"
                    f" {stored.dimensions}."
                )
            there = min(limit, state.vectors(key))
            is_large = state.vectors() > EXACT
            return _nearest(
                connection, literal(vector), stored.dimensions, there, key, by_graph=is_large
            )

        return await self._database.read(work)

    async def matching(
        self, query: str, *, limit: int, category: str | None = None
    ) -> Sequence[Candidate]:
        """Returns the best passages by BM25 over title, headings and text, for any text."""
        return await self._match(search_terms(query), limit, category)

    async def naming(
        self, query: str, *, limit: int, category: str | None = None
    ) -> Sequence[Candidate]:
        """Returns the best passages with a numbered name of the query, as it is written."""
        found = await self._match(numbered_names(query), FEW + 1, category)
        return found[:limit] if len(found) <= FEW else []

    async def _match(
        self, terms: Sequence[str], limit: int, category: str | None
    ) -> Sequence[Candidate]:
        wanted = phrases(terms)
        if not wanted or limit < 1:
            return []
        key = None if category is None else category_key(category)
        return await self._database.read(
            lambda connection: _best_matches(
                connection, self._database.state(connection), wanted, limit, key
            )
        )

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
                " (SELECT d.number FROM candor_documents d WHERE %(name)s IN (d.document_id, d.name)"
                " AND (%(key)s::text IS NULL OR d.category_key = %(key)s)"
                " ORDER BY d.document_id = %(name)s DESC, d.uri LIMIT 1) ORDER BY p.start",
                {"name": storable(document), "key": key},
            )
        )
        return [cast("int", passage_id) for (passage_id,) in rows]

    async def documents(self, passage_ids: Sequence[int]) -> Mapping[int, DocumentRef]:
        """Returns the document of each of these passages; ids that no longer exist are left out."""
        rows = await self._database.read(
            lambda connection: connection.rows(
                f"SELECT {records.REF_COLUMNS}, p.passage_id"  # noqa: S608  (constant text)
                " FROM candor_passages p JOIN candor_documents d ON d.number = p.document"
                " WHERE p.passage_id = ANY(%s)",
                (list(passage_ids),),
            )
        )
        return {cast("int", row[9]): records.document_ref(_plain(row[:9])) for row in rows}

    async def passages(self, passage_ids: Sequence[int]) -> Mapping[int, Passage]:
        """Returns the passages with these ids; ids that no longer exist are left out."""
        rows = await self._database.read(
            lambda connection: connection.rows(
                f"SELECT {records.REF_COLUMNS}, p.passage_id, p.section, p.page, p.start, p.stop,"  # noqa: S608  (constant text)
                " p.reading_start, p.reading_stop,"
                " substr(v.text, p.start + 1, p.stop - p.start),"
                " substr(v.text, p.reading_start + 1, p.reading_stop - p.reading_start)"
                " FROM candor_passages p JOIN candor_documents d ON d.number = p.document"
                " JOIN candor_versions v ON v.version_id = d.version_id"
                " WHERE p.passage_id = ANY(%s)",
                (list(passage_ids),),
            )
        )
        return {found.passage_id: found for found in map(_passage, rows)}

    async def in_readings(self, passage_ids: Sequence[int]) -> Mapping[int, Sequence[int]]:
        """Returns for each passage those that lie in its reading, itself included, in their order."""
        rows = await self._database.read(
            lambda connection: connection.rows(
                "SELECT p.passage_id, o.passage_id FROM candor_passages p JOIN candor_passages o"
                " ON o.document = p.document AND o.start < p.reading_stop AND o.stop > p.reading_start"
                " WHERE p.passage_id = ANY(%s) ORDER BY p.passage_id, o.start",
                (list(passage_ids),),
            )
        )
        pairs = cast("list[tuple[int, int]]", rows)
        return {
            passage_id: [other for _, other in group]
            for passage_id, group in groupby(pairs, key=lambda pair: pair[0])
        }

    async def tokens(self, passage_ids: Sequence[int]) -> Mapping[int, bytes]:
        """Returns the stored token vectors of these passages; those without any are left out."""
        rows = await self._database.read(
            lambda connection: connection.rows(
                "SELECT passage_id, tokens FROM candor_tokens WHERE passage_id = ANY(%s)",
                (list(passage_ids),),
            )
        )
        return dict(cast("list[tuple[int, bytes]]", rows))

    async def document_frequencies(self, words: Sequence[str]) -> Mapping[str, float]:
        """Returns for each word the share (0 to 1) of passages that contain its stem."""
        stems = {word: tokens(storable(word)) for word in words}

        def work(connection: ServerConnection) -> Mapping[str, float]:
            total = max(1, self._database.state(connection).passages)
            rows = connection.rows(
                "SELECT term, passages FROM candor_terms WHERE term = ANY(%s)",
                ([stem for found in stems.values() for stem in found],),
            )
            held = dict(cast("list[tuple[str, int]]", rows))
            rarest = {
                word: min((held.get(stem, 0) for stem in found), default=0)
                for word, found in stems.items()
            }
            return {word: min(1.0, count / total) for word, count in rarest.items()}

        return await self._database.read(work)

    async def passage_count(self) -> int:
        """Returns the number of passages."""
        return (await self._database.read(self._database.state)).passages


def _nearest(
    connection: ServerConnection,
    vector: str,
    dimensions: int,
    limit: int,
    category: str | None,
    *,
    by_graph: bool,
) -> Sequence[Candidate]:
    """Returns the `limit` nearest; there are at least so many."""
    found: list[Row] = []
    values = {"vector": vector, "key": category, "limit": limit}
    where = "" if category is None else " WHERE category_key = %(key)s"
    distance = "embedding <#> %(vector)s::vector"
    half = f"embedding::halfvec({dimensions}) <#> %(vector)s::halfvec({dimensions})"
    if by_graph:
        found = connection.rows(
            f"SELECT passage_id, {distance} FROM candor_vectors{where}"  # noqa: S608  (constant text)
            f" ORDER BY {half} LIMIT %(limit)s",
            values,
        )
    if len(found) < limit:
        found = connection.rows(
            f"SELECT passage_id, {distance} FROM candor_vectors{where}"  # noqa: S608  (constant text)
            f" ORDER BY {distance}, passage_id LIMIT %(limit)s",
            values,
        )
    return _ranked({one: -score for one, score in cast("list[tuple[int, float]]", found)})


def _best_matches(
    connection: ServerConnection,
    state: KnowledgeState,
    wanted: Sequence[Phrase],
    limit: int,
    category: str | None,
) -> Sequence[Candidate]:
    matches = _matches(connection, wanted)
    if not matches:
        return []
    average = state.words / state.passages
    first = min(int(one.ids.min()) for one in matches)
    last = max(int(one.ids.max()) for one in matches)
    scores = np.zeros(last - first + 1)
    for one in matches:
        scores[one.ids - first] += _rarity(state.passages, len(one.ids)) * (
            one.frequencies
            * (_K1 + 1)
            / (one.frequencies + _K1 * (1 - _B + _B * one.words / average))
        )
    found = np.flatnonzero(scores)
    most = limit
    if category is not None:
        # So many that the category has its share among them, and some more.
        most = 2 * limit * state.passages // max(1, state.counts.get(category, (1, 0, 0))[0])
    while True:
        best = found
        if len(found) > most:
            # Those that are as good as the last one, too: the id decides between them.
            least = np.partition(scores[found], len(found) - most)[len(found) - most]
            best = found[scores[found] >= least]
        ranked = _ranked({int(at) + first: float(scores[at]) for at in best})
        ranked = _within(connection, ranked, category)
        if len(ranked) >= limit or len(best) == len(found):
            return ranked[:limit]
        most *= 8


def _within(
    connection: ServerConnection, candidates: list[Candidate], category: str | None
) -> list[Candidate]:
    """Returns those of the category."""
    if category is None:
        return candidates
    rows = connection.rows(
        "SELECT passage_id FROM candor_passages WHERE passage_id = ANY(%s) AND category_key = %s",
        ([one.passage_id for one in candidates], category),
    )
    within = {row[0] for row in rows}
    return [one for one in candidates if one.passage_id in within]


def _matches(connection: ServerConnection, wanted: Sequence[Phrase]) -> list[Postings]:
    """Returns the passages of each phrase that any has."""
    beginnings = {
        phrase: stems_from(connection, phrase.stems[-1]) for phrase in wanted if phrase.prefix
    }
    stems = [stem for phrase in wanted for stem in beginnings.get(phrase, phrase.stems)]
    held = read_postings(connection, stems)
    found: list[Postings] = []
    for phrase in wanted:
        having = [held[stem] for stem in beginnings.get(phrase, phrase.stems) if stem in held]
        if phrase.prefix and having:
            found.append(merged(having))
        elif len(phrase.stems) == 1:
            found.extend(having)
        elif len(having) == len(phrase.stems):
            found.extend(_following(connection, phrase, having))
    return found


def _following(
    connection: ServerConnection, phrase: Phrase, having: Sequence[Postings]
) -> Sequence[Postings]:
    """Returns the passages where the stems follow one another; none where no passage has that."""
    both = reduce(np.intersect1d, [one.ids for one in having])
    rows = connection.rows(
        "SELECT p.passage_id, p.words, u.lexeme, u.positions, u.weights FROM candor_passages p,"
        " unnest(p.terms) u WHERE p.passage_id = ANY(%s) AND p.terms @@ %s::tsquery"
        " AND u.lexeme = ANY(%s) ORDER BY p.passage_id",
        (both.tolist(), phrase.query, list(phrase.stems)),
    )
    found: list[tuple[int, float, int]] = []
    for passage_id, group in groupby(
        cast("list[tuple[int, int, str, list[int], list[str]]]", rows), key=lambda row: row[0]
    ):
        listed = list(group)
        places = {
            stem: {at: _WEIGHTS[letter] for at, letter in zip(positions, letters, strict=True)}
            for _, _, stem, positions, letters in listed
        }
        found.append((passage_id, _frequency(places, phrase), listed[0][1]))
    if not found:
        return []
    ids, frequencies, words = zip(*found, strict=True)
    return [Postings(np.array(ids, np.int64), np.array(frequencies, float), np.array(words, float))]


def _rarity(total: int, held: int) -> float:
    """Returns a phrase's weight in BM25; FTS5 gives a little to one that most passages have."""
    return max(1e-6, math.log((total - held + 0.5) / (held + 0.5)))


_Places = dict[str, dict[int, float]]


def _frequency(places: _Places, phrase: Phrase) -> float:
    """Returns how often the phrase occurs, each time with the weight of its place."""
    before = [
        (len(phrase.stems) - 1 - at, places.get(stem, {}))
        for at, stem in enumerate(phrase.stems[:-1])
    ]
    return sum(
        weight
        for at, weight in places.get(phrase.stems[-1], {}).items()
        if all(at - back in found for back, found in before)
    )


def _ranked(scores: Mapping[int, float]) -> list[Candidate]:
    """Sorts by score, best first, ties by passage id."""
    ordered = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
    return [Candidate(passage_id, score) for passage_id, score in ordered]


def _plain(row: Row) -> "tuple[str | int | float | bytes | None, ...]":
    return cast("tuple[str | int | float | bytes | None, ...]", row)


def _passage(row: Row) -> Passage:
    values = cast("tuple[int, str, int | None, int, int, int, int, str, str]", row[9:])
    passage_id, section, page, start, stop, reading_start, reading_stop, text, reading = values
    return Passage(
        passage_id=passage_id,
        document=records.document_ref(_plain(row[:9])),
        section=section,
        page=page,
        span=Span(start, stop),
        text=text,
        reading=Span(reading_start, reading_stop),
        reading_text=reading,
    )
