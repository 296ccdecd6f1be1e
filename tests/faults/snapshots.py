"""All that a knowledge database answers, without the numbers that no two runs share."""

from dataclasses import dataclass
from pathlib import Path

import apsw

from services.index.sqlite.connection import Connection
from tests.faults.parts import CheapEmbedder, Index
from use_cases.kernel.model import Passage, Span
from use_cases.kernel.ports import Embedder

_QUESTIONS = ("pump pressure", "Winter invoice of the customer", "seal", "part stock", "page 7")
_ALL = 4_096  # the most that the exact vector table gives at once


@dataclass(frozen=True, slots=True)
class Found:
    """A passage in an answer, by what it is and not by its number."""

    name: str
    section: str
    page: int | None
    span: Span
    reading: Span
    text: str
    reading_text: str
    score: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Documents with their texts, sizes, and the answers of both lanes to some questions."""

    documents: tuple[tuple[str, ...], ...]
    sizes: tuple[object, ...]
    by_vector: tuple[frozenset[Found], ...]
    by_words: tuple[frozenset[Found], ...]


async def snapshot(database: Path, embedder: Embedder | None = None) -> Snapshot:
    """What the file answers. Every passage is in every answer by vector, so all vectors are compared."""
    asker = embedder or CheapEmbedder()
    index = Index.at(database)
    try:
        vectors = [await asker.embed_query(question) for question in _QUESTIONS]
        return Snapshot(
            documents=await _documents(index),
            sizes=await _sizes(index),
            by_vector=tuple([await _nearest(index, vector) for vector in vectors]),
            by_words=tuple([await _matching(index, question) for question in _QUESTIONS]),
        )
    finally:
        await index.database.close()


def integrity(database: Path) -> str:
    """SQLite's own word on the file: `ok`, or what is wrong. Recovers the log first, as any start does."""
    connection = Connection(database.as_uri(), apsw.SQLITE_OPEN_READWRITE)
    try:
        return str(connection.value("PRAGMA integrity_check"))
    finally:
        connection.close()


async def _documents(index: Index) -> tuple[tuple[str, ...], ...]:
    listed: list[tuple[str, ...]] = []
    marks = await index.library.fingerprints("")
    for summary in await index.library.documents(limit=_ALL):
        ref = summary.ref
        listed.append(
            (
                summary.uri,
                ref.name,
                ref.title,
                ref.category,
                ref.updated.isoformat(),
                ref.date_origin,
                summary.media_type,
                str(summary.passages),
                str(summary.versions),
                marks[summary.uri].content_hash,
                await index.library.text(ref.document_id, ref.version_id),
            )
        )
    return tuple(listed)


async def _sizes(index: Index) -> tuple[object, ...]:
    counted = await index.library.statistics()
    return (counted.documents, counted.passages, counted.vectors, counted.tables, counted.identity)


async def _nearest(index: Index, vector: bytes) -> frozenset[Found]:
    candidates = await index.lanes.nearest(vector, limit=_ALL)
    return await _found(index, {one.passage_id: one.score for one in candidates})


async def _matching(index: Index, question: str) -> frozenset[Found]:
    candidates = await index.lanes.matching(question, limit=_ALL)
    return await _found(index, {one.passage_id: one.score for one in candidates})


async def _found(index: Index, scores: dict[int, float]) -> frozenset[Found]:
    passages = await index.lanes.passages(list(scores))
    return frozenset(_one(passage, scores[number]) for number, passage in passages.items())


def _one(passage: Passage, score: float) -> Found:
    return Found(
        name=passage.document.name,
        section=passage.section,
        page=passage.page,
        span=passage.span,
        reading=passage.reading,
        text=passage.text,
        reading_text=passage.reading_text,
        score=round(score, 5),
    )
