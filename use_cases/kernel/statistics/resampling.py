"""The bootstrap law of a mean: what it would be, had other clusters been drawn from the same source.

Promises: the same clusters give the same law, in any order. Leaves to others: what a cluster is (the
rows of one event, the repeats of one item), and which quantiles make an interval.
"""

import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from typing import Protocol

from use_cases.kernel.statistics.distributions import normal_below, normal_quantile

SEED = 20_250_101
_MOST_RESAMPLED = 400
_DRAWN_ROWS = 500_000
_MOST_DRAWS = 10_000


class ResampledLaw(Protocol):
    """The law of a resampled mean."""

    def quantile(self, share: float) -> float:
        """Return the value below which this share (0 to 1, both excluded) of the law lies."""
        ...

    def share_below(self, value: float) -> float:
        """Return the inverse of `quantile`: about 0 below every value of the law, about 1 above."""
        ...


def resample(
    clusters: Sequence[tuple[float, int]], seed: int = SEED, *, tails: bool = False
) -> ResampledLaw:
    """Return the law of sum / rows, resampling whole clusters, each given as (sum, rows).

    Up to 400 clusters are drawn with replacement (1,250 draws at 400 clusters to 10,000 at 50 and
    fewer, from a fixed seed). Above, the limit of that procedure is computed: the Cornish-Fisher
    quantiles of the resampled ratio, whose error is below that of so many draws. So it is for `tails`
    beyond the usual ones, which hold too few draws.
    """
    ordered = sorted(clusters)
    drawn = len(ordered) <= _MOST_RESAMPLED and not tails
    return _draw(ordered, seed) if drawn else _expand(ordered)


def percentile(ascending: Sequence[float], share: float) -> float:
    """Return the quantile by linear interpolation between order statistics, as numpy's default."""
    place = share * (len(ascending) - 1)
    below = int(place)
    above = min(below + 1, len(ascending) - 1)
    return ascending[below] + (place - below) * (ascending[above] - ascending[below])


@dataclass(frozen=True, slots=True)
class DrawnLaw:
    """The means that were drawn, ascending."""

    means: Sequence[float]

    def quantile(self, share: float) -> float:
        """Return the percentile of the draws."""
        return percentile(self.means, share)

    def share_below(self, value: float) -> float:
        """Return the share at which `quantile` passes this value; beyond all draws half a draw."""
        above = bisect_right(self.means, value)
        if above in (0, len(self.means)):
            return abs(float(above > 0) - 1 / (2 * len(self.means)))
        below, next_one = self.means[above - 1], self.means[above]
        return (above - 1 + (value - below) / (next_one - below)) / (len(self.means) - 1)


@dataclass(frozen=True, slots=True)
class ExpandedLaw:
    """The quantile at z of the normal law is `middle` + `deviation` (z + `bend` (z^2 - 1))."""

    middle: float
    deviation: float
    bend: float

    def quantile(self, share: float) -> float:
        """Return the Cornish-Fisher quantile."""
        z = normal_quantile(share)
        return self.middle + self.deviation * (z + self.bend * (z * z - 1))

    def share_below(self, value: float) -> float:
        """Solve the expansion for z, where it rises."""
        if self.deviation == 0:
            return float(value >= self.middle)
        shifted = (value - self.middle) / self.deviation + self.bend
        square = 1 + 4 * self.bend * shifted
        if square < 0:
            return float(self.bend < 0)
        return normal_below(2 * shifted / (1 + sqrt(square)))


def _draw(clusters: Sequence[tuple[float, int]], seed: int) -> DrawnLaw:
    n = len(clusters)
    generator = random.Random(seed)  # noqa: S311  (resampling, no secret)
    draws = min(_MOST_DRAWS, _DRAWN_ROWS // n)
    if len({rows for _, rows in clusters}) == 1:
        means = [total / rows for total, rows in clusters]
        return DrawnLaw(sorted(sum(generator.choices(means, k=n)) / n for _ in range(draws)))
    # Both sums of a draw in one pass: totals are the real parts, rows the imaginary ones.
    pairs = [complex(total, rows) for total, rows in clusters]
    drawn = [sum(generator.choices(pairs, k=n), 0j) for _ in range(draws)]
    return DrawnLaw(sorted(each.real / each.imag for each in drawn))


def _expand(clusters: Sequence[tuple[float, int]]) -> ExpandedLaw:
    """Return quantiles of the resampled ratio to the order of its skewness (Hall 1992, section 2.5).

    With e = total - ratio x rows of a cluster, and m the mean rows of a cluster: variance v =
    var(e)/(G m^2), bias -c with c = cov(e, rows)/(G m^2), third cumulant mu3(e)/(G^2 m^3) - 6 v c.
    """
    count = len(clusters)
    mean_rows = sum(rows for _, rows in clusters) / count
    ratio = fsum(total for total, _ in clusters) / sum(rows for _, rows in clusters)
    rests = [total - ratio * rows for total, rows in clusters]
    v = fsum(rest * rest for rest in rests) / count**2 / mean_rows**2
    if v == 0:
        return ExpandedLaw(ratio, 0.0, 0.0)
    products = [rest * rows for rest, (_, rows) in zip(rests, clusters, strict=True)]
    c = fsum(products) / count**2 / mean_rows**2
    third = fsum(rest**3 for rest in rests) / count**3 / mean_rows**3 - 6 * v * c
    return ExpandedLaw(ratio - c, sqrt(v), third / v**1.5 / 6)
