"""Robustness: what is left of recall, and what damage is added, as a table holds more errors?

Promises: rests on recall and on damage. F1 would mislead, because precision rises with the number of
errors there are to find. Leaves to others: levels over one clean table, of which the harder hold the
errors of the easier.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import fsum

FEWEST_LEVELS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelScore:
    """The scores at one level, which is the share of wrong cells of the dirty table."""

    level: float
    recall: float | None
    corruption_rate: float | None
    f1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Robustness:
    """How recall holds from the easiest level to the hardest; None below three levels with a recall.

    `robustness_score` is the area under recall over the levels, by the range of levels, from 0 to 1.
    `retention` is the recall at the hardest level by that at the easiest, None where that is 0.
    `slope` is the change of recall from no errors to all, by least squares. `curve` has the means of
    each level.
    """

    robustness_score: float | None
    retention: float | None
    slope: float | None
    curve: tuple[LevelScore, ...]


def measure_robustness(scores: Sequence[LevelScore]) -> Robustness:
    """Compare the scores of one contestant at several levels; those of one level are averaged."""
    ordered = sorted(scores, key=lambda each: each.level)
    curve = tuple(_mean_score(level, each) for level, each in groupby(ordered, lambda s: s.level))
    points = [(each.level, each.recall) for each in curve if each.recall is not None]
    if len(points) < FEWEST_LEVELS:
        return Robustness(robustness_score=None, retention=None, slope=None, curve=curve)
    (easy, most), (hard, least) = points[0], points[-1]
    area = fsum((x2 - x1) * (y1 + y2) / 2 for (x1, y1), (x2, y2) in pairwise(points))
    return Robustness(
        robustness_score=area / (hard - easy),
        retention=least / most if most else None,
        slope=_slope(points),
        curve=curve,
    )


def _mean_score(level: float, scores: Iterable[LevelScore]) -> LevelScore:
    found = list(scores)
    return LevelScore(
        level=level,
        recall=_mean([each.recall for each in found]),
        corruption_rate=_mean([each.corruption_rate for each in found]),
        f1=fsum(each.f1 for each in found) / len(found),
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fsum(known) / len(known) if known else None


def _slope(points: Sequence[tuple[float, float]]) -> float:
    middle = fsum(x for x, _ in points) / len(points)
    spread = fsum((x - middle) ** 2 for x, _ in points)
    return fsum((x - middle) * y for x, y in points) / spread
