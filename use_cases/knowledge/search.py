"""Search the knowledge base: both lanes at once, fused, optionally reranked. Port `Search`.

Promises: any text is a valid query; what could not be done (no embedder, a provider that fails,
a reranker that fails) costs quality and is said in a notice, never the answer; vectors of two
embedders are never compared; of two versions of a document that were both found, the one in force
comes first. Full texts are fetched for twice as many passages as are shown, and for no others. How passages are found is left to the lanes, how lists become one to `fusion`.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar, cast

from loguru import logger

from use_cases.kernel.categories import require_category
from use_cases.kernel.errors import (
    CandorError,
    RateLimited,
    Unavailable,
    UpstreamFailed,
    UpstreamTimeout,
)
from use_cases.kernel.model import DocumentRef, Hit, LaneScore, SearchResult
from use_cases.kernel.versions import outdated
from use_cases.knowledge.errors import EmbedderMismatch, EmbedderUnavailable
from use_cases.knowledge.fusion import Fused, fuse
from use_cases.knowledge.model import Candidate, IndexIdentity, RetrievalPolicy, Vector
from use_cases.knowledge.ports import Embedder, Lanes, Reranker
from use_cases.knowledge.recency import current_first, reach

EMPTY_LIBRARY = "Nothing has been ingested yet."
NO_VECTORS = "The index has no vectors: search used full text only."
WITHIN_DOCUMENT = 20
"""So many passages of a document that is searched alone: nearly all documents are shorter."""

A = TypeVar("A")
B = TypeVar("B")


class SearchKnowledge:
    """The best passages for a question, with the account of how they were found."""

    def __init__(
        self,
        *,
        lanes: Lanes,
        embedder: Embedder | None,
        reranker: Reranker | None = None,
        policy: RetrievalPolicy | None = None,
    ) -> None:
        self._lanes = lanes
        self._embedder = embedder
        self._reranker = reranker
        self._policy = policy or RetrievalPolicy()

    async def search(
        self,
        query: str,
        *,
        category: str | None = None,
        limit: int | None = None,
        document: str | None = None,
    ) -> SearchResult:
        """The best passages, best first; of one `document` all, as far as `limit` allows.

        Raises `CategoryUnknown`, `EmbedderMismatch` when the index holds another embedder's
        vectors, and the storage's errors.
        """
        await self.require_category(category)
        usual = self._default_limit() if document is None else WITHIN_DOCUMENT
        wanted = usual if limit is None else limit
        if not query.strip() or wanted < 1:
            return SearchResult(query)
        kept = (category or "").strip() or None
        depth = _Depth(self._policy, wanted)
        (near, notice), (matching, naming) = await _both(
            self._nearest(query, depth.vector, kept), self._worded(query, depth.bm25, kept)
        )
        policy = self._policy
        fused = fuse(
            [near, matching, naming],
            weights=[policy.vector_weight, policy.bm25_weight, policy.name_weight],
            k=policy.rrf_k,
        )
        if document is not None:
            fused = await self._within(document, kept, fused)
        documents = await self._lanes.documents([found.passage_id for found in fused])
        hits, more = await self._shown(query, fused, wanted, outdated(documents.values()))
        return SearchResult(query, hits=hits, notices=[said for said in (notice, more) if said])

    async def require_category(self, category: str | None) -> None:
        """Raise `CategoryUnknown` unless a document is in this category; None and blank mean all."""
        if category and category.strip():
            require_category(category, await self._lanes.categories())

    def _default_limit(self) -> int:
        if self._reranker is None:
            return self._policy.final_results_limit
        return self._policy.reranker_top_n

    async def _within(
        self, document: str, category: str | None, fused: Sequence[Fused]
    ) -> Sequence[Fused]:
        """Those of one document, then its other passages in their order."""
        passage_ids = await self._lanes.within(document, category=category)
        ranked = {found.passage_id: found for found in fused}
        matching = [found for found in fused if found.passage_id in set(passage_ids)]
        others = [one for one in passage_ids if one not in ranked]
        return [*matching, *(Fused(one, 0.0, (None, None, None)) for one in others)]

    async def _worded(
        self, query: str, limit: int, category: str | None
    ) -> tuple[Sequence[Candidate], Sequence[Candidate]]:
        """Full text twice: all words, and the identifiers alone.

        A row that holds `FIN-01` is first by words and nowhere by meaning, and would lose to
        passages that are middling in both lanes; what is asked for by its name must not.
        """
        matching = await self._lanes.matching(query, limit=limit, category=category)
        return matching, await self._lanes.naming(query, limit=limit, category=category)

    async def _nearest(
        self, query: str, limit: int, category: str | None
    ) -> tuple[Sequence[Candidate], str | None]:
        identity = await self._lanes.identity()
        if identity is None:
            return [], EMPTY_LIBRARY
        if not identity.embedder:
            return [], NO_VECTORS
        if self._embedder is None:
            return [], _without("no embedder is configured")
        _require_same(identity, self._embedder)
        try:
            vector: Vector = await self._embedder.embed_query(query)
        except EmbedderUnavailable as error:  # no news: the notice says it with every answer
            return [], _without(error.detail.rstrip("."))
        except (UpstreamFailed, UpstreamTimeout, RateLimited) as error:
            logger.warning("question not embedded: {} {}", error.code, error.detail)
            return [], _without(error.detail.rstrip("."))
        return await self._lanes.nearest(vector, limit=limit, category=category), None

    async def _shown(
        self,
        query: str,
        fused: Sequence[Fused],
        limit: int,
        replaced: Mapping[int, DocumentRef],
    ) -> tuple[Sequence[Hit], str | None]:
        looked_at = reach(limit)
        if self._reranker is None:
            return current_first(await self._hits(fused[:looked_at], replaced), limit), None
        most = max(limit, self._policy.reranker_candidates)
        hits, notice = await self._hits(fused[:most], replaced), None
        try:
            hits = await _reranked(self._reranker, query, hits, min(looked_at, len(hits)))
        except (UpstreamFailed, UpstreamTimeout, RateLimited, Unavailable) as error:
            logger.warning("not reranked: {} {}", error.code, error.detail)
            notice = _not_reranked(self._reranker, error)
        return current_first(hits[:looked_at], limit), notice

    async def _hits(
        self, fused: Sequence[Fused], replaced: Mapping[int, DocumentRef]
    ) -> Sequence[Hit]:
        passages = await self._lanes.passages([found.passage_id for found in fused])
        return [
            Hit(
                (passage := passages[found.passage_id]),
                found.score,
                vector=found.lanes[0],
                bm25=found.lanes[1],
                name=found.lanes[2],
                replaced_by=replaced.get(passage.document.version_id),
            )
            for found in fused
            if found.passage_id in passages
        ]


class _Depth:
    """How many candidates each lane is asked for: never fewer than are wanted."""

    def __init__(self, policy: RetrievalPolicy, wanted: int) -> None:
        self.vector = max(policy.vector_search_limit, wanted)
        self.bm25 = max(policy.bm25_search_limit, wanted)


async def _reranked(
    reranker: Reranker, query: str, hits: Sequence[Hit], limit: int
) -> Sequence[Hit]:
    if not hits:
        return []
    order = await reranker.rerank(query, [_rerank_text(hit) for hit in hits], top_n=limit)
    return [
        replace(hits[index], score=relevance, rerank=LaneScore(rank, relevance, relevance))
        for rank, (index, relevance) in enumerate(order, start=1)
    ]


def _rerank_text(hit: Hit) -> str:
    passage = hit.passage
    heading = " › ".join(part for part in (passage.document.title, passage.section) if part)
    return f"{heading}\n{passage.text}"


def _require_same(identity: IndexIdentity, embedder: Embedder) -> None:
    if (identity.embedder, identity.dimensions) != (embedder.id, embedder.dimensions):
        raise EmbedderMismatch(
            f"The index was built with {identity.embedder} ({identity.dimensions} dimensions);"
            f" the configured embedder is {embedder.id} ({embedder.dimensions})."
        )


def _without(reason: str) -> str:
    return f"Search used full text only: {reason[:1].lower()}{reason[1:]}."


def _not_reranked(reranker: Reranker, error: CandorError) -> str:
    return f"The reranker {reranker.name} failed ({error.code}): results are in the order of the fused scores."


async def _both(first: Awaitable[A], second: Awaitable[B]) -> tuple[A, B]:
    """Both at once. An error waits for the other to end, so that nothing runs on unattended."""
    one, two = await asyncio.gather(first, second, return_exceptions=True)
    for result in (one, two):
        if isinstance(result, BaseException):
            raise result
    return cast("A", one), cast("B", two)
