"""Intervals of a share and of a mean: Wilson's, Student's, and of the bootstrap.

Promises: the same values give the same interval, in any order; a share's interval is within [0, 1] with a
width also at 0 and at n of n; repeats of one item never count as independent; an interval has a width also
where nearly every item has the same result. Leaves to others: what a cluster is (the rows of one event, the
repeats of one item), and two variants over the same items (`paired_comparison.py`), whose difference is
known far better than two intervals side by side suggest.
"""

import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain
from math import fsum, sqrt
from typing import Protocol, cast

from use_cases.kernel.statistics.distributions import (
    LEVEL,
    Z95,
    normal_below,
    normal_quantile,
    student_quantile,
    student_two_sided,
)
from use_cases.kernel.statistics.figures import (
    FEW_ROWS,
    Statistic,
    StatisticsOptionInvalid,
    counted,
)


def wilson(right: float, n: int) -> tuple[float, float] | None:
    """Returns the 95 % interval of a share (Wilson 1927); None without rows. Holds at 0 and at n of n.

    (r + z^2/2n -+ z sqrt(r(1-r)/n + z^2/4n^2)) / (1 + z^2/n), z = 1.96.
    """
    if n == 0:
        return None
    z2 = Z95 * Z95
    share = right / n
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    reach = Z95 * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    low = 0.0 if right == 0 else max(0.0, centre - reach)
    high = 1.0 if right == n else min(1.0, centre + reach)
    return low, high


SEED = 20_250_101
_MOST_RESAMPLED = 400
_DRAWN_ROWS = 500_000
_MOST_DRAWS = 10_000


class ResampledLaw(Protocol):
    """The law of a resampled mean."""

    def quantile(self, share: float) -> float:
        """Returns the value below which this share (0 to 1, both excluded) of the law lies."""
        ...

    def share_below(self, value: float) -> float:
        """Returns the inverse of `quantile`: about 0 below every value of the law, about 1 above."""
        ...


def resample(
    clusters: Sequence[tuple[float, int]], seed: int = SEED, *, tails: bool = False
) -> ResampledLaw:
    """Returns the law of sum / rows, resampling whole clusters, each given as (sum, rows).

    Up to 400 clusters are drawn with replacement (1,250 draws at 400 clusters to 10,000 at 50 and
    fewer, from a fixed seed). Above, the limit of that procedure is computed: the Cornish-Fisher
    quantiles of the resampled ratio, whose error is below that of so many draws. So it is for `tails`
    beyond the usual ones, which hold too few draws.
    """
    ordered = sorted(clusters)
    drawn = len(ordered) <= _MOST_RESAMPLED and not tails
    return _draw(ordered, seed) if drawn else _expand(ordered)


_NESTED_DRAWS = 1_000


def nested_spread(groups: Sequence[Sequence[float]], seed: int = SEED) -> tuple[float, float]:
    """Returns the mean of all items and its standard error, where groups are resampled, then the items of
    each.

    The error is wider than that of the draws by sqrt(n / (n - 1)) for n groups, as in `resampled_interval`.
    """
    ordered = sorted(map(sorted, groups))
    values = list(chain.from_iterable(ordered))
    drawn = _nested_draws(tuple(map(len, ordered)), seed)
    means = [sum(map(values.__getitem__, at)) / len(at) for at in drawn]
    n = len(ordered)
    return fsum(values) / len(values), sqrt(n / (n - 1)) * deviation(means)


def nested_interval(groups: Sequence[Sequence[float]], level: float = LEVEL) -> tuple[float, float]:
    """Returns the interval (of 95 % by default) of the mean of items in two groups and more: Student's over
    groups. Few groups bound little, however many items they have.
    """
    mean, error = nested_spread(groups)
    reach = student_quantile(1 - level / 2, len(groups) - 1) * error
    return mean - reach, mean + reach


def nested_p(groups: Sequence[Sequence[float]]) -> float:
    """Returns the two-sided p of a mean of 0, for items that are not all alike."""
    mean, error = nested_spread(groups)
    return student_two_sided(mean / error, len(groups) - 1)


@lru_cache(16)
def _nested_draws(sizes: tuple[int, ...], seed: int) -> Sequence[Sequence[int]]:
    """Returns the places of the items of each draw: all metrics of some tasks have the same ones."""
    generator = random.Random(seed)  # noqa: S311  (resampling, no secret)
    ends = list(accumulate(sizes))
    groups = [range(end - size, end) for end, size in zip(ends, sizes, strict=True)]
    return [
        [
            at
            for one in generator.choices(groups, k=len(groups))
            for at in generator.choices(one, k=len(one))
        ]
        for _ in range(_NESTED_DRAWS)
    ]


def percentile(ascending: Sequence[float], share: float) -> float:
    """Returns the quantile by linear interpolation between order statistics, as numpy's default."""
    place = share * (len(ascending) - 1)
    below = int(place)
    above = min(below + 1, len(ascending) - 1)
    return ascending[below] + (place - below) * (ascending[above] - ascending[below])


@dataclass(frozen=True, slots=True)
class DrawnLaw:
    """The means that were drawn, ascending."""

    means: Sequence[float]

    def quantile(self, share: float) -> float:
        """Returns the percentile of the draws."""
        return percentile(self.means, share)

    def share_below(self, value: float) -> float:
        """Returns the share at which `quantile` passes this value; beyond all draws half a draw."""
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
        """Returns the Cornish-Fisher quantile."""
        z = normal_quantile(share)
        return self.middle + self.deviation * (z + self.bend * (z * z - 1))

    def share_below(self, value: float) -> float:
        """Solves the expansion for z, where it rises."""
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
    """Returns quantiles of the resampled ratio to the order of its skewness (Hall 1992, section 2.5).

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


FEWEST_RESAMPLED = 10
"""The items from which on a mean is resampled: fewer leave the tails of its law empty."""

FEWEST_DIFFERENT = 5
"""The items unlike the others below which the spread cannot be estimated from the items."""


def mean_score(
    items: Sequence[Sequence[float | None]], *, bounds: tuple[float, float] | None = (0.0, 1.0)
) -> Statistic:
    """Returns the mean of the items' means, with its 95 % interval.

    An item is the sequence of its results: a pass is 1, a fail 0, None an error, which counts in no
    mean; an item without any other result is left out, and `coverage` is the share of items kept.
    `bounds` are the least and the largest possible result, None where there are none.

    Interval: Wilson for one pass or fail of each item; Student's t for one score of each; the bootstrap
    by items for repeats (t below 10 items). With fewer than 5 items unlike the others Wilson's over
    items, as if each were 0 or 1: no results between the bounds vary more; None without bounds.
    Raises `StatisticsOptionInvalid` for a result that is not finite or outside the bounds.
    """
    check_bounds(items, bounds)
    kept = [results for results in map(_without_errors, items) if results]
    means = [fsum(results) / len(results) for results in kept]
    interval = _interval(means, repeated=any(len(r) > 1 for r in kept), bounds=bounds)
    return Statistic(
        n=len(kept),
        coverage=len(kept) / len(items) if items else None,
        warnings=about_items(len(kept), len(items) - len(kept)),
        value=fsum(means) / len(means) if means else None,
        interval=interval,
    )


def student_interval(values: Sequence[float], level: float = LEVEL) -> tuple[float, float] | None:
    """Returns the interval (of 95 % by default) mean -+ t s / sqrt(n) (Student 1908); None below 2
    values.
    """
    if len(values) < 2:
        return None
    mean = fsum(values) / len(values)
    reach = student_quantile(1 - level / 2, len(values) - 1) * deviation(values) / sqrt(len(values))
    return mean - reach, mean + reach


def student_p(values: Sequence[float]) -> float:
    """Returns the two-sided p of a mean of 0, for 2 values or more that are not all alike."""
    t = fsum(values) / len(values) / deviation(values) * sqrt(len(values))
    return student_two_sided(t, len(values) - 1)


def resampled_interval(law: ResampledLaw, n: int, level: float = LEVEL) -> tuple[float, float]:
    """Returns the expanded percentile interval (of 95 % by default) of the mean of n items (Hesterberg
    2015).

    The plain 2.5 and 97.5 % points are too narrow by sqrt((n - 1) / n) and by the normal law in place
    of Student's; so the points at z = -+ sqrt(n / (n - 1)) t are taken (Am Stat 69:371, section 4.1).
    """
    share = normal_below(-sqrt(n / (n - 1)) * student_quantile(1 - level / 2, n - 1))
    return law.quantile(share), law.quantile(1 - share)


def resampled_p(law: ResampledLaw, n: int) -> float:
    """Returns the two-sided p of a mean of 0: 1 - the level at which the interval begins to reach 0."""
    least = 1e-300
    below = min(1 - 1e-16, max(least, law.share_below(0.0)))
    return student_two_sided(sqrt((n - 1) / n) * normal_quantile(below), n - 1)


def deviation(values: Sequence[float]) -> float:
    """Returns the standard deviation, with n - 1; for 2 values or more."""
    mean = fsum(values) / len(values)
    return sqrt(fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def unlike_others(values: Sequence[float]) -> int:
    """Counts the values that are not the commonest one."""
    return len(values) - max(Counter(values).values(), default=0)


def check_bounds(
    items: Sequence[Sequence[float | None]], bounds: tuple[float, float] | None
) -> None:
    """Raises `StatisticsOptionInvalid` for bounds, or a result, that cannot be."""
    low, high = bounds or (-float("inf"), float("inf"))
    if not low < high:
        raise StatisticsOptionInvalid(
            f"The bounds {bounds!r} are not ascending.", hint="Give the least result first."
        )
    for item in items:
        for result in item:
            if result is not None and not (low <= result <= high and abs(result) < float("inf")):
                raise StatisticsOptionInvalid(
                    f"The result {result!r} is not a number from {low:g} to {high:g}.",
                    hint="Give the bounds of the metric, or None where it has none.",
                )


def about_items(n: int, excluded: int) -> tuple[str, ...]:
    """Returns the warnings about few items and about those left out."""
    found: list[str] = []
    if n == 0:
        found.append("There is no item with a result.")
    elif n < FEW_ROWS:
        found.append(f"Only {counted(n, 'item')}: too few for a reliable figure.")
    if excluded:
        found.append(f"{counted(excluded, 'item')} left out for want of a result.")
    return tuple(found)


def _without_errors(item: Sequence[float | None]) -> Sequence[float]:
    if None in item:
        return [result for result in item if result is not None]
    return cast("Sequence[float]", item)


def _interval(
    means: Sequence[float], *, repeated: bool, bounds: tuple[float, float] | None
) -> tuple[float, float] | None:
    n = len(means)
    if bounds in (None, (0.0, 1.0)) and not repeated and set(means) <= {0.0, 1.0}:
        return wilson(sum(means), n)
    if unlike_others(means) < FEWEST_DIFFERENT:
        low, high = bounds or (0.0, 0.0)
        shares = wilson(fsum((mean - low) / (high - low) for mean in means), n) if bounds else None
        if shares is None:
            return None
        return low + shares[0] * (high - low), low + shares[1] * (high - low)
    if not repeated or n < FEWEST_RESAMPLED:
        found = student_interval(means)
    else:
        found = resampled_interval(resample([(mean, 1) for mean in means]), n)
    if found is None or bounds is None:
        return found
    return max(bounds[0], found[0]), min(bounds[1], found[1])
