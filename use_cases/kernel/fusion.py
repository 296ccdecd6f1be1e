"""Reciprocal rank fusion of several ranked lists. Pure.

Source: Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual
Rank Learning Methods" (SIGIR 2009). A passage's score is the sum over the lanes that found it of
weight / (k + rank), rank counted from 1. Only ranks count, so lanes with unrelated scores (cosines,
BM25) fuse without scaling.
"""

from collections.abc import Sequence
from typing import NamedTuple

from use_cases.kernel.model import LaneScore


class Candidate(NamedTuple):
    """A candidate of a lane: higher `score` is better."""

    passage_id: int
    score: float


class Fused(NamedTuple):
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
    sums: dict[int, float] = {}
    for place, (lane, weight) in enumerate(zip(lanes, weights, strict=True)):
        for rank, (key, score) in enumerate(lane, start=1):
            share = weight / (k + rank)
            if key not in found:
                found[key], sums[key] = [None] * len(lanes), 0.0
            found[key][place] = LaneScore(rank, score, share)
            sums[key] += share
    fused = [Fused(key, sums[key], scores) for key, scores in found.items()]
    return sorted(fused, key=lambda one: (-one.score, one.passage_id))
