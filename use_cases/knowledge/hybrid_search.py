"""The hybrid search of the knowledge base: both lanes, fused, then rescored or reranked; outdated passages give way.

The fused score counts ranks alone: a passage that shares a common word with the question is as good as
one that means the same. So the best passages are ordered by a mixture of four scores, each
standardised over these passages: the fused one, MaxSim (`TokenMatch.score`; Khattab and Zaharia,
"ColBERT", SIGIR 2020), the cosine and BM25. Promises: order and score agree, and no rescored passage
falls behind one that was not.

Scores stay unchanged: they measure the match, and `Hit.replaced_by` marks an outdated passage. Pure.
Leaves to others: the rule of replacement (`use_cases/kernel/model.py`).

Promises: any text is a valid query; a missing embedder, a failing provider or reranker lowers the
quality and is stated in a notice, but never fails the search; vectors of two embedders are never
compared; of two found versions of a document the current one comes first. Full texts are fetched
only for twice as many passages as are shown.
Leaves to others: retrieval (the lanes), fusion (`fusion`), the order by tokens (`rescoring`).
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from math import sqrt
from statistics import fmean
from typing import TypeVar, cast

from loguru import logger

from use_cases.kernel.errors import (
    CandorError,
    RateLimited,
    Unavailable,
    UpstreamFailed,
    UpstreamTimeout,
)
from use_cases.kernel.fusion import Candidate, Fused, fuse
from use_cases.kernel.model import (
    SEPARATOR,
    Hit,
    LaneScore,
    SearchResult,
    Vector,
    outdated,
    require_category,
)
from use_cases.kernel.ports import Embedder, TokenMatches
from use_cases.knowledge.errors import DimensionMismatch, EmbedderMismatch, EmbedderUnavailable
from use_cases.knowledge.model import IndexExtent, RetrievalPolicy
from use_cases.knowledge.ports import Lanes, Reranker

TOKEN_SHARE = 0.5
"""The share of MaxSim in the order."""

LANE_SHARES = (0.2, 0.1)
"""The shares of the cosine and of BM25; the fused score has the rest."""


def rescore(best: Sequence[Fused], scores: Mapping[int, float]) -> Sequence[Fused]:
    """Returns the best fused passages in their new order, each with one more lane: the MaxSim score.

    `scores` are MaxSim scores by passage id. A passage's contribution is on the scale of the fused
    scores, and at least 0; a passage without a MaxSim score counts as an average one.
    """
    if not scores:
        return best
    mean = fmean(scores.values())
    columns = [
        (TOKEN_SHARE, [scores.get(found.passage_id, mean) for found in best]),
        *((share, _lane_scores(best, lane)) for lane, share in enumerate(LANE_SHARES)),
    ]
    added = [0.0] * len(best)
    for share, column in columns:
        added = [sum_ + share * one for sum_, one in zip(added, _standardise(column), strict=True)]
    scale = _spread([found.score for found in best])[1] / (1 - sum(share for share, _ in columns))
    least = min(added)
    ranks = {key: rank for rank, key in enumerate(sorted(scores, key=lambda key: -scores[key]), 1)}
    rescored: list[Fused] = []
    for found, one in zip(best, added, strict=True):
        key, more = found.passage_id, scale * (one - least)
        lane = LaneScore(ranks[key], scores[key], more) if key in scores else None
        rescored.append(Fused(key, found.score + more, (*found.lanes, lane)))
    return sorted(rescored, key=lambda found: (-found.score, found.passage_id))


def _lane_scores(fused: Sequence[Fused], lane: int) -> Sequence[float]:
    """Returns the scores in one lane; a passage that the lane did not find has its lowest one."""
    found = [one.lanes[lane] for one in fused]
    lowest = min((score.score for score in found if score), default=0.0)
    return [score.score if score else lowest for score in found]


def _standardise(values: Sequence[float]) -> Sequence[float]:
    mean, spread = _spread(values)
    return [(value - mean) / spread if spread else 0.0 for value in values]


def _spread(values: Sequence[float]) -> tuple[float, float]:
    """Returns the mean and the standard deviation: `statistics.pstdev` is exact, and a hundred times
    slower.
    """
    mean = fmean(values)
    return mean, sqrt(fmean([(value - mean) ** 2 for value in values]))


_FEWEST = 10


def search_depth(limit: int) -> int:
    """Returns the number of best hits to consider when `limit` are shown."""
    return max(2 * limit, _FEWEST)


def current_first(hits: Sequence[Hit], limit: int) -> Sequence[Hit]:
    """Returns the `limit` hits to show, best first, those of outdated versions last.

    An outdated passage never precedes the first passage of the version that replaces it. It keeps
    its place when no passage of that version is among the hits, because nothing contradicts it.
    """
    first: dict[int, int] = {}
    for place, hit in enumerate(hits):
        first.setdefault(hit.passage.document.version_id, place)
    newer = [
        None if hit.replaced_by is None else first.get(hit.replaced_by.version_id) for hit in hits
    ]
    after = [
        (max(place, newer[place] or 0), newer[place] is not None) for place in range(len(hits))
    ]
    shown = sorted(range(len(hits)), key=lambda place: after[place])[:limit]
    return [hits[place] for place in sorted(shown, key=lambda place: newer[place] is not None)]


EMPTY_LIBRARY = "Nothing has been ingested yet."
INCOMPLETE = "{} of {} passages have no vectors yet: search finds those by full text alone."
NO_VECTORS = "The index has no vectors: search used full text only."
WITHIN_DOCUMENT = 20
"""The passages of a document that is searched alone: nearly all documents are shorter."""

_LANES = 3  # a rescored passage has one more

A = TypeVar("A")
B = TypeVar("B")


class SearchKnowledge:
    """The use case that returns the best passages for a question, with their scores in each lane."""

    def __init__(
        self,
        *,
        lanes: Lanes,
        embedder: Embedder | None,
        reranker: Reranker | None = None,
        matches: TokenMatches | None = None,
        policy: RetrievalPolicy | None = None,
    ) -> None:
        self._lanes = lanes
        self._embedder = embedder
        self._reranker = reranker
        self._matches = matches
        self._policy = policy or RetrievalPolicy()
        self._fitting = False
        """Whether the last search compared vectors: the next one does not look first whether it can."""

    async def search(
        self,
        query: str,
        *,
        category: str | None = None,
        limit: int | None = None,
        document: str | None = None,
    ) -> SearchResult:
        """Returns the best passages, best first; of one `document` all, up to `limit`.

        Raises `CategoryUnknown`, `EmbedderMismatch` for an index with another embedder's vectors, and
        storage errors.
        """
        await self.require_category(category)
        usual = self._default_limit() if document is None else WITHIN_DOCUMENT
        wanted = usual if limit is None else limit
        if not query.strip() or wanted < 1:
            return SearchResult(query)
        kept = (category or "").strip() or None
        policy = self._policy
        (near, notice), (matching, naming) = await _gather(
            self._nearest(query, max(policy.vector_search_limit, wanted), kept),
            self._match(query, max(policy.bm25_search_limit, wanted), kept),
        )
        fused = fuse(
            [near, matching, naming],
            weights=[policy.vector_weight, policy.bm25_weight, policy.name_weight],
            k=policy.rrf_k,
        )
        fused = await self._rescore(query, fused)
        if document is not None:
            fused = await self._within(document, kept, fused)
        hits, more = await self._select(query, fused, wanted)
        return SearchResult(query, hits=hits, notices=[text for text in (notice, more) if text])

    async def require_category(self, category: str | None) -> None:
        """Raises `CategoryUnknown` unless a document is in this category; None and blank mean all."""
        if category and category.strip():
            require_category(category, await self._lanes.categories())

    def _default_limit(self) -> int:
        if self._reranker is None:
            return self._policy.final_results_limit
        return self._policy.reranker_top_n

    async def _rescore(self, query: str, fused: Sequence[Fused]) -> Sequence[Fused]:
        """Returns the passages with the best in the order by tokens, unless a reranker orders them."""
        best = fused[: self._policy.rescored_passages]
        if self._matches is None or self._reranker is not None or not best:
            return fused
        scores = await self._matches.scores(query, [found.passage_id for found in best])
        return [*rescore(best, scores), *fused[len(best) :]]

    async def _within(
        self, document: str, category: str | None, fused: Sequence[Fused]
    ) -> Sequence[Fused]:
        """Returns the fused passages of one document, then its other passages in their order."""
        passage_ids = await self._lanes.within(document, category=category)
        ranked = {found.passage_id: found for found in fused}
        matching = [found for found in fused if found.passage_id in set(passage_ids)]
        others = [one for one in passage_ids if one not in ranked]
        return [*matching, *(Fused(one, 0.0, (None, None, None)) for one in others)]

    async def _match(
        self, query: str, limit: int, category: str | None
    ) -> tuple[Sequence[Candidate], Sequence[Candidate]]:
        """Searches full text twice: by all words, and by the identifiers alone.

        A row with `FIN-01` is first by words and far down by meaning, and would lose to passages that
        are average in both lanes; the second list prevents that.
        """
        matching = await self._lanes.matching(query, limit=limit, category=category)
        return matching, await self._lanes.naming(query, limit=limit, category=category)

    async def _nearest(
        self, query: str, limit: int, category: str | None
    ) -> tuple[Sequence[Candidate], str | None]:
        embedder = self._embedder
        fitting, self._fitting = self._fitting, False
        if not fitting and (notice := _no_vectors(await self._lanes.extent(), embedder)):
            return [], notice
        try:
            vector: Vector = await cast("Embedder", embedder).embed_query(query)
        except EmbedderUnavailable as error:  # not logged: every answer has the notice
            return [], _text_only_notice(error.detail.rstrip("."))
        except (UpstreamFailed, UpstreamTimeout, RateLimited) as error:
            logger.warning("question not embedded: {} {}", error.code, error.detail)
            return [], _text_only_notice(error.detail.rstrip("."))
        # With what was searched, because another process may have written.
        try:
            found = await self._lanes.nearest(vector, limit=limit, category=category)
        except DimensionMismatch:
            _no_vectors(await self._lanes.extent(), embedder)
            raise
        if notice := _no_vectors(found.extent, embedder):
            return [], notice
        self._fitting = True
        missing, passages = found.extent.missing, found.extent.passages
        return found, INCOMPLETE.format(missing, passages) if missing else None

    async def _select(
        self, query: str, fused: Sequence[Fused], limit: int
    ) -> tuple[Sequence[Hit], str | None]:
        looked_at = search_depth(limit)
        if self._reranker is None:
            return current_first(await self._hits(fused, looked_at), limit), None
        most = max(limit, self._policy.reranker_candidates)
        hits, notice = await self._hits(fused, most), None
        try:
            hits = await _rerank(self._reranker, query, hits, min(looked_at, len(hits)))
        except (UpstreamFailed, UpstreamTimeout, RateLimited, Unavailable) as error:
            logger.warning("not reranked: {} {}", error.code, error.detail)
            notice = _rerank_notice(self._reranker, error)
        return current_first(hits[:looked_at], limit), notice

    async def _hits(self, fused: Sequence[Fused], most: int) -> Sequence[Hit]:
        """Returns the first ones; any of the others may be of a document that replaces theirs."""
        ids = [found.passage_id for found in fused]
        passages, documents = await self._lanes.with_documents(ids[:most], ids[most:])
        replaced = outdated(documents)
        return [
            Hit(
                (passage := passages[found.passage_id]),
                found.score,
                vector=found.lanes[0],
                bm25=found.lanes[1],
                name=found.lanes[2],
                tokens=found.lanes[3] if len(found.lanes) > _LANES else None,
                replaced_by=replaced.get(passage.document.version_id),
            )
            for found in fused[:most]
            if found.passage_id in passages
        ]


async def _rerank(reranker: Reranker, query: str, hits: Sequence[Hit], limit: int) -> Sequence[Hit]:
    if not hits:
        return []
    order = await reranker.rerank(query, [_rerank_text(hit) for hit in hits], top_n=limit)
    return [
        replace(hits[index], score=relevance, rerank=LaneScore(rank, relevance, relevance))
        for rank, (index, relevance) in enumerate(order, start=1)
    ]


def _rerank_text(hit: Hit) -> str:
    passage = hit.passage
    heading = SEPARATOR.join(part for part in (passage.document.title, passage.section) if part)
    return f"{heading}\n{passage.text}"


def _no_vectors(extent: IndexExtent, embedder: Embedder | None) -> str | None:
    """Returns why there are no vectors to compare with; None if there are. Raises `EmbedderMismatch`."""
    identity = extent.identity
    if identity is None:
        return EMPTY_LIBRARY
    if not identity.embedder:
        return NO_VECTORS
    if embedder is None:
        return _text_only_notice("no embedder is configured")
    if (identity.embedder, identity.dimensions) != (embedder.id, embedder.dimensions):
        raise EmbedderMismatch(
            f"The index was built with {identity.embedder} ({identity.dimensions} dimensions);"
            f" the configured embedder is {embedder.id} ({embedder.dimensions})."
        )
    return None


def _text_only_notice(reason: str) -> str:
    return f"Search used full text only: {reason[:1].lower()}{reason[1:]}."


def _rerank_notice(reranker: Reranker, error: CandorError) -> str:
    return f"The reranker {reranker.name} failed ({error.code}): results are in the order of the fused scores."


async def _gather(first: Awaitable[A], second: Awaitable[B]) -> tuple[A, B]:
    """Awaits both concurrently. An error waits for the other, so that no task keeps running."""
    one, two = await asyncio.gather(first, second, return_exceptions=True)
    for result in (one, two):
        if isinstance(result, BaseException):
            raise result
    return cast("A", one), cast("B", two)
