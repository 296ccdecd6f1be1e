"""The order of search results: by the question's tokens and the lanes' scores, and by recency. Pure.

The fused score counts ranks alone: a passage that shares a common word with the question is as good as
one that means the same. So the best passages are ordered by a mixture of four scores, each
standardised over these passages: the fused one, MaxSim (`TokenMatch.score`; Khattab and Zaharia,
"ColBERT", SIGIR 2020), the cosine and BM25. Promises: order and score agree, and no rescored passage
falls behind one that was not.

Scores stay unchanged: they measure the match, and `Hit.replaced_by` marks an outdated passage. Pure.
Leaves to others: the rule of replacement (`use_cases/kernel/versions.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean, pstdev

from use_cases.kernel.fusion import Fused
from use_cases.kernel.model import Hit, LaneScore

TOKEN_SHARE = 0.5
"""The share of MaxSim in the order."""

LANE_SHARES = (0.2, 0.1)
"""The shares of the cosine and of BM25; the fused score has the rest."""


def rescore(best: Sequence[Fused], scores: Mapping[int, float]) -> Sequence[Fused]:
    """Return the best fused passages in their new order, each with one more lane: the MaxSim score.

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
    scale = pstdev([found.score for found in best]) / (1 - sum(share for share, _ in columns))
    least = min(added)
    ranks = {key: rank for rank, key in enumerate(sorted(scores, key=lambda key: -scores[key]), 1)}
    rescored: list[Fused] = []
    for found, one in zip(best, added, strict=True):
        key, more = found.passage_id, scale * (one - least)
        lane = LaneScore(ranks[key], scores[key], more) if key in scores else None
        rescored.append(replace(found, score=found.score + more, lanes=(*found.lanes, lane)))
    return sorted(rescored, key=lambda found: (-found.score, found.passage_id))


def _lane_scores(fused: Sequence[Fused], lane: int) -> Sequence[float]:
    """Return the scores in one lane; a passage that the lane did not find has its lowest one."""
    found = [one.lanes[lane] for one in fused]
    lowest = min((score.score for score in found if score), default=0.0)
    return [score.score if score else lowest for score in found]


def _standardise(values: Sequence[float]) -> Sequence[float]:
    mean, spread = fmean(values), pstdev(values)
    return [(value - mean) / spread if spread else 0.0 for value in values]


_FEWEST = 10


def search_depth(limit: int) -> int:
    """Return the number of best hits to consider when `limit` are shown."""
    return max(2 * limit, _FEWEST)


def current_first(hits: Sequence[Hit], limit: int) -> Sequence[Hit]:
    """Return the `limit` hits to show, best first, those of outdated versions last.

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
