"""The ports `Lanes` and `Vocabulary` over the knowledge in PostgreSQL.

Vectors: all are compared where there are few; else pgvector's graph (HNSW, of vectors in half precision) gives
the nearest, and where it gives fewer than there are, all are compared after all. Full text: BM25 with FTS5's
weights over the postings of the question's stems (`postings.py`), every passage that has one of them.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import reduce
from itertools import groupby
from typing import cast

import numpy as np

from services.index import records
from services.index.postgresql.binary_values import sent
from services.index.postgresql.knowledge_server import (
    KnowledgeServer,
    KnowledgeState,
    ServerConnection,
)
from services.index.postgresql.postings import (
    NO_POSTINGS,
    POSTINGS,
    Postings,
    merged,
    postings_of,
    stems_from,
)
from services.index.postgresql.stemmed import Phrase, phrases
from services.index.relations import Among, Named, Row
from services.index.stored_lanes import (
    BODY,
    HEADING,
    IN_READINGS,
    PASSAGE_COLUMNS,
    TITLE,
    StoredLanes,
    made,
    ranked,
)
from services.index.term_scores import Added, added_by, best_of, total
from services.index.terms import category_key
from use_cases.kernel.fusion import Candidate
from use_cases.kernel.model import Passage, Vector
from use_cases.knowledge.model import IndexExtent, IndexIdentity

EXACT = 10_000
"""Vectors up to which all are compared."""

_READINGS = records.with_texts(
    f"SELECT {PASSAGE_COLUMNS}, asked.number, t.tokens"  # noqa: S608  (constant texts)
    f" FROM (SELECT p.passage_id AS number, o.passage_id {IN_READINGS}) asked"
    " JOIN candor_passages p USING (passage_id)"
    " JOIN candor_documents d ON d.number = p.document"
    " LEFT JOIN candor_tokens t USING (passage_id)",
    order=" ORDER BY q.number, q.start",
)
_WEIGHTS = {"A": TITLE, "B": HEADING, "D": BODY}


class ServerLanes(StoredLanes[ServerConnection]):
    """Both lanes of one knowledge database."""

    def __init__(self, database: KnowledgeServer) -> None:
        super().__init__(database)
        self._server = database

    def best_matches(
        self,
        connection: ServerConnection,
        terms: Sequence[str],
        limit: int,
        category: str | None,
        among: Among | None,
    ) -> Sequence[Candidate]:
        """Returns the best passages by BM25 over the postings."""
        if category is not None or among is not None:
            connection.require_transaction()
        known = self._server.known(connection)
        found = self._added(connection, known, phrases(terms))
        key = None if category is None else category_key(category)
        return _best_of(connection, known, found, limit, key, among)

    def _nearest(
        self,
        connection: ServerConnection,
        vector: Vector,
        limit: int,
        category: str | None,
        among: Among | None,
    ) -> Sequence[Candidate]:
        known = self._server.known(connection)
        limit = min(limit, known.vectors(category))
        values: Named = {"vector": sent(vector), "key": category}
        where = "" if category is None else " WHERE category_key = :key"
        if among is not None:
            where += f"{' AND' if where else ' WHERE'} passage_id IN ({among.sql})"
            values = {**values, **among.values}
        dimensions = len(vector) // 4
        # Selected, so that the vector is read once and not anew for each row.
        distance = "embedding <#> (SELECT :vector::vector)"
        half = (
            f"embedding::halfvec({dimensions}) <#> (SELECT :vector::vector::halfvec({dimensions}))"
        )
        select = f"SELECT passage_id, {distance} FROM candor_vectors{where} ORDER BY"  # noqa: S608  (constant text)
        found: list[Row] = []
        if known.vectors() > EXACT:
            # The limit is a number, for a plan that does not know it is made anew each time.
            by_graph = f"{select} {half} LIMIT {limit:d}"
            found = self._server.rows_of(connection, known, by_graph, values)
        if len(found) < limit:
            exactly = f"{select} {distance}, passage_id LIMIT {limit:d}"
            found = self._server.rows_of(connection, known, exactly, values)
        pairs = cast("list[tuple[int, float]]", found)
        return ranked((passage_id, -score) for passage_id, score in pairs)

    def _identity(self, connection: ServerConnection) -> IndexIdentity | None:
        known = self._server.known(connection)
        return known.identity if known.counts else None

    def _extent(self, connection: ServerConnection) -> IndexExtent:
        known = self._server.known(connection)
        if not known.counts:
            known = self._server.state(connection)
        identity = known.identity if known.counts else None
        return IndexExtent(identity, known.passages, known.passages - known.vectors())

    def _at_hand(self, stems: Collection[str]) -> tuple[Mapping[str, int], int] | None:
        known = self._server.last_known
        if known is None:
            return None
        held = {stem: known.held[stem] for stem in stems if stem in known.held}
        return (held, known.passages) if len(held) == len(stems) else None

    def _holding(
        self, connection: ServerConnection, stems: Collection[str]
    ) -> tuple[Mapping[str, int], int]:
        known = self._server.known(connection)
        if new := [stem for stem in stems if stem not in known.held]:
            rows = self._server.rows_of(
                connection,
                known,
                "SELECT term, passages FROM candor_terms WHERE term IN :stems",
                {"stems": new},
            )
            known.keep(dict.fromkeys(new, 0) | dict(cast("list[tuple[str, int]]", rows)))
        return {stem: known.held.get(stem, 0) for stem in stems}, known.passages

    def _added(
        self, connection: ServerConnection, known: KnowledgeState, wanted: Sequence[Phrase]
    ) -> Sequence[Added]:
        """Returns what each phrase adds to the scores of passages."""
        terms = {(phrase.stems, phrase.prefix): phrase for phrase in wanted}
        found = {term: added for term in terms if (added := known.scores.of(term)) is not None}
        new = {term: phrase for term, phrase in terms.items() if term not in found}
        if new:
            average = known.words / max(1, known.passages)
            for term, one in zip(
                new, self._postings(connection, known, [*new.values()]), strict=True
            ):
                found[term] = added_by(
                    one.ids, one.frequencies, one.words, passages=known.passages, average=average
                )
                known.scores.keep(term, found[term])
        elif wanted:
            self._server.confirm(connection, known)
        return [found[phrase.stems, phrase.prefix] for phrase in wanted]

    def _postings(
        self, connection: ServerConnection, known: KnowledgeState, wanted: Sequence[Phrase]
    ) -> Sequence[Postings]:
        """Returns the passages of each phrase."""
        if not all(phrase.is_word for phrase in wanted):
            connection.require_transaction()
        beginnings = {
            phrase: stems_from(connection, phrase.stems[-1]) for phrase in wanted if phrase.prefix
        }
        stems = {stem for phrase in wanted for stem in beginnings.get(phrase, phrase.stems)}
        rows = self._server.rows_of(connection, known, POSTINGS, (list(stems),))
        held = postings_of(rows)
        known.keep({stem: len(held[stem].ids) if stem in held else 0 for stem in stems})
        found: list[Postings] = []
        for phrase in wanted:
            having = [held[stem] for stem in beginnings.get(phrase, phrase.stems) if stem in held]
            if phrase.prefix and having:
                found.append(merged(having))
            elif phrase.is_word and having:
                found.extend(having)
            elif len(having) == len(phrase.stems):
                found.append(_following(connection, phrase, having))
            else:
                found.append(NO_POSTINGS)
        return found

    def _has_tokens(self, connection: ServerConnection) -> bool:
        return True

    def _in_readings(
        self, connection: ServerConnection, passage_ids: Sequence[int]
    ) -> Mapping[int, Sequence[tuple[Passage, bytes]]]:
        rows = connection.rows(_READINGS, {"ids": list(passage_ids)})
        found = made(rows)
        return {
            cast("int", number): [
                (found[cast("int", row[9])], cast("bytes", row[-2] or b"")) for row in group
            ]
            for number, group in groupby(rows, key=lambda row: row[-3])
        }


def _best_of(
    connection: ServerConnection,
    state: KnowledgeState,
    added: Sequence[Added],
    limit: int,
    category: str | None,
    among: Among | None,
) -> Sequence[Candidate]:
    first, scores = total(added)
    most = limit
    if category is not None:
        # So many that the category has its share among them, and some more.
        most = 2 * limit * state.passages // max(1, state.counts.get(category, (1, 0, 0))[0])
    while True:
        candidates = ranked(best_of(first, scores, most))
        is_all = len(candidates) < most
        candidates = _within(connection, candidates, category, among)
        if len(candidates) >= limit or is_all:
            return candidates[:limit]
        most *= 8


def _within(
    connection: ServerConnection,
    candidates: list[Candidate],
    category: str | None,
    among: Among | None,
) -> list[Candidate]:
    """Returns those of the category, and of the passages among which the search is."""
    if category is None and among is None:
        return candidates
    some = "" if among is None else f" AND passage_id IN ({among.sql})"
    rows = connection.rows(
        "SELECT passage_id FROM candor_passages WHERE passage_id IN :ids"  # noqa: S608  (constant text)
        f" AND (CAST(:key AS text) IS NULL OR category_key = :key){some}",
        {
            "ids": [one.passage_id for one in candidates],
            "key": category,
            **({} if among is None else among.values),
        },
    )
    within = {row[0] for row in rows}
    return [one for one in candidates if one.passage_id in within]


def _following(
    connection: ServerConnection, phrase: Phrase, having: Sequence[Postings]
) -> Postings:
    """Returns the passages where the stems follow one another."""
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
        return NO_POSTINGS
    ids, frequencies, words = zip(*found, strict=True)
    return Postings(np.array(ids, np.int64), np.array(frequencies, "<f4"), np.array(words))


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
