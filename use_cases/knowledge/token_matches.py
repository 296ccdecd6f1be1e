"""The port `TokenMatches`: stored token vectors, compared with those of a question.

Promises: without a token embedder, or when it fails, no passage has a match, and search and answers go
without. A rare word weighs more: `ln(1 + 1 / share)`, with the share of passages that contain its stem.
Leaves to others: the vectors and their form (`TokenEmbedder`), their storage (`Lanes`).
"""

import math
from collections.abc import Mapping, Sequence

from use_cases.kernel.model import Passage, Span
from use_cases.kernel.ports import TokenMatch, Vocabulary
from use_cases.knowledge.errors import EmbedderUnavailable
from use_cases.knowledge.model import ComparedTokens, TokenComparison
from use_cases.knowledge.ports import Lanes, TokenEmbedder
from use_cases.knowledge.prepare_document import embedding_text

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
        """Return the match of each passage; None for one without token vectors."""
        stored: Mapping[int, bytes] = {}
        if self._embedder is not None and question.strip():
            stored = await self._lanes.tokens([passage.passage_id for passage in passages])
        if self._embedder is None or not stored:
            return [None] * len(passages)
        contents = [stored.get(passage.passage_id, b"") for passage in passages]
        try:
            compared = await self._embedder.compare_tokens(question, contents)
        except EmbedderUnavailable:  # the search has said so
            return [None] * len(passages)
        weights = await self._weigh(compared)
        return [
            None if one is None else _match(passage, one, compared.words, weights)
            for passage, one in zip(passages, compared.passages, strict=True)
        ]

    async def _weigh(self, compared: TokenComparison) -> Sequence[float]:
        words = list(dict.fromkeys(compared.words))
        shares = await self._vocabulary.document_frequencies(words)
        return [math.log1p(1 / max(shares[word], _RAREST)) for word in compared.words]


def _match(
    passage: Passage, compared: ComparedTokens, words: Sequence[str], weights: Sequence[float]
) -> TokenMatch:
    heading = len(embedding_text(passage.document.title, passage.section, ""))
    moved = passage.span.start - heading
    return TokenMatch(
        words=words,
        weights=weights,
        spans=[
            Span(moved + start, moved + end) if start >= heading else None
            for start, end in compared.places
        ],
        cosines=compared.cosines,
    )
