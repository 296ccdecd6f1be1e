"""Several ranked lists as one: reciprocal rank fusion. Pure.

Source: Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual
Rank Learning Methods" (SIGIR 2009). A passage's score is the sum over the lanes that found it of
weight / (k + rank), rank counted from 1. Only ranks count, so lanes whose scores have nothing in
common (cosines, BM25) can be fused without scaling either.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from use_cases.kernel.model import LaneScore
from use_cases.knowledge.model import Candidate


@dataclass(frozen=True, slots=True)
class Fused:
    """A passage with its fused score and, lane by lane, what each said (None: not found there)."""

    passage_id: int
    score: float
    lanes: Sequence[LaneScore | None]


def fuse(
    lanes: Sequence[Sequence[Candidate]], *, weights: Sequence[float], k: int
) -> Sequence[Fused]:
    """The passages of all lanes, best first; ties by passage id. Lanes come best first.

    `weights` has one positive or zero weight per lane; `k` (at least 0) dampens the first ranks.
    """
    scored = [_scored(lane, weight, k) for lane, weight in zip(lanes, weights, strict=True)]
    fused = [
        Fused(
            passage_id=passage_id,
            score=sum(lane[passage_id].contribution for lane in scored if passage_id in lane),
            lanes=[lane.get(passage_id) for lane in scored],
        )
        for passage_id in {passage_id for lane in scored for passage_id in lane}
    ]
    return sorted(fused, key=lambda found: (-found.score, found.passage_id))


def _scored(lane: Sequence[Candidate], weight: float, k: int) -> dict[int, LaneScore]:
    return {
        candidate.passage_id: LaneScore(
            rank=rank, score=candidate.score, contribution=weight / (k + rank)
        )
        for rank, candidate in enumerate(lane, start=1)
    }
