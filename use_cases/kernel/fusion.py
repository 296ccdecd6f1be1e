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
    scored = [_score(lane, weight, k) for lane, weight in zip(lanes, weights, strict=True)]
    fused = [
        Fused(
            passage_id=passage_id,
            score=sum(lane[passage_id].contribution for lane in scored if passage_id in lane),
            lanes=[lane.get(passage_id) for lane in scored],
        )
        for passage_id in {passage_id for lane in scored for passage_id in lane}
    ]
    return sorted(fused, key=lambda found: (-found.score, found.passage_id))


def _score(lane: Sequence[Candidate], weight: float, k: int) -> dict[int, LaneScore]:
    return {
        candidate.passage_id: LaneScore(
            rank=rank, score=candidate.score, contribution=weight / (k + rank)
        )
        for rank, candidate in enumerate(lane, start=1)
    }
