"""Reciprocal rank fusion of several ranked lists. Pure.

Source: Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual
Rank Learning Methods" (SIGIR 2009). A passage's score is the sum over the lanes that found it of
weight / (k + rank), rank counted from 1. Only ranks count, so lanes with unrelated scores (cosines,
BM25) fuse without scaling.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from use_cases.kernel.model import LaneScore


@dataclass(frozen=True, slots=True)
class Candidate:
    """A candidate of a lane: higher `score` is better."""

    passage_id: int
    score: float


@dataclass(frozen=True, slots=True)
class Fused:
    """A passage with its fused score and its score in each lane (None: not found there)."""

    passage_id: int
    score: float
    lanes: Sequence[LaneScore | None]


def fuse(
    lanes: Sequence[Sequence[Candidate]], *, weights: Sequence[float], k: int
) -> Sequence[Fused]:
    """Fuses the passages of all lanes, best first; ties by passage id. Lanes are sorted, best first.

    `weights` has one positive or zero weight per lane; `k` (at least 0) dampens the first ranks.
    """
    found: dict[int, list[LaneScore | None]] = {}
    for place, (lane, weight) in enumerate(zip(lanes, weights, strict=True)):
        for rank, candidate in enumerate(lane, start=1):
            scores = found.setdefault(candidate.passage_id, [None] * len(lanes))
            scores[place] = LaneScore(
                rank=rank, score=candidate.score, contribution=weight / (k + rank)
            )
    fused = [
        Fused(passage_id, sum(one.contribution for one in scores if one is not None), scores)
        for passage_id, scores in found.items()
    ]
    return sorted(fused, key=lambda one: (-one.score, one.passage_id))
