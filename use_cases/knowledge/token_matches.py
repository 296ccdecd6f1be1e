"""Texts compared by the vectors of an embedding model: token by token (the port `TokenMatches`), or whole.

Promises: without a token embedder, or when it fails, no passage has a match, and search and answers go
without. A rare word weighs more: `ln(1 + 1 / share)`, with the share of passages that contain its stem.
Leaves to others: the vectors and their form (`TokenEmbedder`), their storage (`Lanes`).
"""

import asyncio
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from operator import mul
from typing import TypeAlias

from use_cases.kernel.model import Passage, Span, Vector
from use_cases.kernel.ports import Embedder, TokenMatch, Vocabulary
from use_cases.knowledge.errors import EmbedderUnavailable
from use_cases.knowledge.ports import Lanes, TokenEmbedder
from use_cases.knowledge.prepare_document import embedding_text

Places: TypeAlias = Sequence[tuple[int, int]]

_RAREST = 0.001
"""The share from which on a word is rare: a misspelt one shall not outweigh all the others."""


class MatchTokens:
    """The comparison in one knowledge base. `token_embedder` is None where the model makes none."""

    def __init__(
        self, *, lanes: Lanes, vocabulary: Vocabulary, token_embedder: TokenEmbedder | None
    ) -> None:
        self._lanes = lanes
        self._vocabulary = vocabulary
        self._embedder = token_embedder

    async def match(
        self, question: str, passages: Sequence[Passage]
    ) -> Sequence[TokenMatch | None]:
        """Returns the match of each passage; None for one without token vectors."""
        words = await self._words(question)
        if not words:
            return [None] * len(passages)
        stored = await self._lanes.tokens([passage.passage_id for passage in passages])
        found = await self._compare(question, words, stored)
        return [
            _place(passage, *found[passage.passage_id]) if passage.passage_id in found else None
            for passage in passages
        ]

    async def match_readings(
        self, question: str, passages: Sequence[Passage]
    ) -> Sequence[TokenMatch | None]:
        """Returns the match of each passage's reading; None where a part of it has none."""
        lying = await self._lanes.in_readings([passage.passage_id for passage in passages])
        parts = {one.passage_id: one for found in lying.values() for one, _ in found}
        stored = {
            one.passage_id: tokens for found in lying.values() for one, tokens in found if tokens
        }
        found = await self._compare(question, await self._words(question), stored)
        matches = {number: _place(parts[number], *match) for number, match in found.items()}
        return [
            _join([matches.get(one.passage_id) for one, _ in lying.get(passage.passage_id, ())])
            for passage in passages
        ]

    async def scores(self, question: str, passage_ids: Sequence[int]) -> Mapping[int, float]:
        """Returns the score of each passage's match; those without token vectors are left out."""
        words = await self._words(question)
        if self._embedder is None or not words:
            return {}
        stored, weights = await asyncio.gather(self._lanes.tokens(passage_ids), self._weigh(words))
        found = await self._embedder.nearest_tokens(question, list(stored.values()))
        return {
            passage_id: TokenMatch(words, weights, [None], [[one] for one in best]).score
            for passage_id, best in zip(stored, found, strict=True)
            if best is not None
        }

    async def _compare(
        self, question: str, words: Sequence[str], stored: Mapping[int, bytes]
    ) -> Mapping[int, tuple[TokenMatch, Places]]:
        """Returns the matches, without spans, and the places of their tokens in the embedded text."""
        if self._embedder is None or not words or not stored:
            return {}
        compared, weights = await asyncio.gather(
            self._embedder.compare_tokens(question, list(stored.values())), self._weigh(words)
        )
        return {
            passage_id: (
                TokenMatch(words, weights, [None] * len(one.places), one.cosines),
                one.places,
            )
            for passage_id, one in zip(stored, compared, strict=True)
            if one is not None
        }

    async def _words(self, question: str) -> Sequence[str]:
        """Returns the words of the question's tokens; none where it cannot be compared."""
        if self._embedder is None or not question.strip():
            return []
        try:
            return await self._embedder.question_words(question)
        except EmbedderUnavailable:  # the search has said so
            return []

    async def _weigh(self, words: Sequence[str]) -> Sequence[float]:
        found = await self._vocabulary.document_frequencies(list(dict.fromkeys(words)))
        return [math.log1p(1 / max(found.shares[word], _RAREST)) for word in words]


def _place(passage: Passage, match: TokenMatch, places: Places) -> TokenMatch:
    heading = len(embedding_text(passage.document.title, passage.section, ""))
    moved = passage.span.start - heading
    spans = [
        Span(moved + start, moved + end) if start >= heading else None for start, end in places
    ]
    return replace(match, spans=spans)


def _join(matches: Sequence[TokenMatch | None]) -> TokenMatch | None:
    """Returns the match of neighbouring passages as one; all are matches of the same question."""
    found = [match for match in matches if match is not None]
    if not found or len(found) < len(matches):
        return None
    rows = zip(*(match.cosines for match in found), strict=True)
    return replace(
        found[0],
        spans=[span for match in found for span in match.spans],
        cosines=[list(chain.from_iterable(row)) for row in rows],
    )


class TextSimilarity:
    """The nearness of two texts. `embedder` is None where none is available."""

    def __init__(self, *, embedder: Embedder | None) -> None:
        self._embedder = embedder

    async def similarity(self, a: str, b: str, metric: str) -> float:
        """Returns the cosine of two texts, their dot product, or for `euclidean` 1 / (1 + distance).

        Raises `EmbedderUnavailable` and upstream errors.
        """
        if self._embedder is None:
            raise EmbedderUnavailable("There is no embedding model.")
        one, other = map(_components, await self._embedder.embed_documents([a, b]))
        # The vectors have the length 1, so that the cosine is the dot product.
        return (
            1 / (1 + math.dist(one, other)) if metric == "euclidean" else sum(map(mul, one, other))
        )


def _components(vector: Vector) -> Sequence[float]:
    return struct.unpack(f"<{len(vector) // 4}f", vector)
