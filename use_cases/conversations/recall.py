"""Memories: a few summaries of a person's conversations that are near enough, for a model to read.

Promises: at most four, each with a score of at least .38; a service of memories that fails costs the
caller nothing but the memories.

Promises: only summaries of that person are read; a summary that was changed is embedded anew, others once;
without an embedder, or where it fails, words alone find them.
"""

import asyncio
from array import array
from collections.abc import Mapping, Sequence
from operator import mul

from loguru import logger

from use_cases.conversations.model import Memory, RememberedText
from use_cases.conversations.ports import Memories, MemoryTexts
from use_cases.kernel.errors import STORAGE_ERRORS, CandorError
from use_cases.kernel.model import Caller, Vector
from use_cases.kernel.ports import Embedder
from use_cases.kernel.text.words import content

LEAST_SCORE = 0.38
MOST = 4
_LONGEST_QUERY = 2_000


class RecallMemories:
    """The caller's own memories."""

    def __init__(self, *, memories: Memories) -> None:
        self._memories = memories

    async def recall(
        self, caller: Caller, query: str, *, besides: str | None = None
    ) -> Sequence[Memory]:
        """Returns the best memories for a text, without the one of the conversation `besides`.

        Raises errors of storage only.
        """
        try:
            found = await self._memories.search(query[:_LONGEST_QUERY], caller.user_id)
        except STORAGE_ERRORS:
            raise
        except CandorError as error:
            logger.warning("no memories: {}: {}", error.code, error.detail)
            return ()
        near = [each for each in found if each.score >= LEAST_SCORE and each.memory_id != besides]
        return sorted(near, key=lambda memory: -memory.score)[:MOST]


def numbered(memories: Sequence[Memory]) -> str:
    """Returns one line for each memory, such as `1. They prefer SQLite.`"""
    lines = (" ".join(each.text.split()) for each in memories)
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))


_BY_WORDS = 0.6
"""The score of a summary that has every word of the query: as that of a text which is close in meaning."""
_AT_ONCE = 64


class OwnMemories:
    """The port `Memories` over the summaries here."""

    def __init__(self, *, memory_texts: MemoryTexts, embedder: Embedder | None) -> None:
        self._texts = memory_texts
        self._embedder = embedder

    async def search(self, query: str, user_id: str) -> Sequence[Memory]:
        """Scores every summary: the cosine of its meaning, or its share of the query's words if higher."""
        embedder = self._embedder
        texts = await self._texts.texts(user_id, "" if embedder is None else embedder.id)
        if not texts or not query.strip():
            return ()
        vectors: Mapping[str, Vector] = {}
        near: Vector | None = None
        if embedder is not None:
            try:
                near = await embedder.embed_query(query)
                vectors = await self._vectors(embedder, texts)
            except STORAGE_ERRORS:
                raise
            except CandorError as error:
                logger.warning("memories are searched by words alone: {}", error.detail)
        return await asyncio.to_thread(_scored, query, near, texts, vectors)

    async def _vectors(
        self, embedder: Embedder, texts: Sequence[RememberedText]
    ) -> Mapping[str, Vector]:
        """Returns the vectors of all texts; those that are not stored are made and stored."""
        vectors = {each.memory_id: each.vector for each in texts if each.vector is not None}
        new = [each for each in texts if each.vector is None]
        for start in range(0, len(new), _AT_ONCE):
            some = new[start : start + _AT_ONCE]
            made = await embedder.embed_documents([each.text for each in some])
            kept = {each.memory_id: (each.text, one) for each, one in zip(some, made, strict=True)}
            await self._texts.keep(embedder.id, kept)
            vectors |= {each.memory_id: one for each, one in zip(some, made, strict=True)}
        return vectors


def _scored(
    query: str,
    near: Vector | None,
    texts: Sequence[RememberedText],
    vectors: Mapping[str, Vector],
) -> Sequence[Memory]:
    wanted = set(content(query))
    found = [
        Memory(
            memory_id=each.memory_id,
            text=each.text,
            score=max(
                0.0 if near is None else _cosine(near, vectors.get(each.memory_id)),
                _BY_WORDS * len(wanted & set(content(each.text))) / len(wanted) if wanted else 0.0,
            ),
            created_at=each.created_at,
        )
        for each in texts
    ]
    return sorted(found, key=lambda memory: -memory.score)


def _cosine(one: Vector, other: Vector | None) -> float:
    """Returns the cosine of two unit vectors, at least 0; 0 for one that is missing or of another
    length.
    """
    if other is None or len(one) != len(other):
        return 0.0
    return min(1.0, max(0.0, sum(map(mul, array("f", one), array("f", other)))))
