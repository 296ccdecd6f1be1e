"""The mean of a metric over the items of a dataset, each with one result or several repeats.

Promises: repeats of one item never count as independent; an interval has a width also where nearly
every item has the same result. Leaves to others: two variants over the same items
(`paired_comparison.py`), whose difference is known far better than two intervals side by side suggest.
"""

from collections import Counter
from collections.abc import Sequence
from math import fsum, sqrt
from typing import cast

from use_cases.kernel.statistics.distributions import (
    normal_below,
    normal_quantile,
    student_quantile,
    student_two_sided,
)
from use_cases.kernel.statistics.errors import StatisticsOptionInvalid
from use_cases.kernel.statistics.figures import FEW_ROWS, Statistic, counted
from use_cases.kernel.statistics.holm_adjustment import LEVEL
from use_cases.kernel.statistics.resampling import ResampledLaw, resample
from use_cases.kernel.statistics.wilson_interval import wilson

FEWEST_RESAMPLED = 10
"""The items from which on a mean is resampled: fewer leave the tails of its law empty."""

FEWEST_DIFFERENT = 5
"""The items unlike the others below which the spread cannot be estimated from the items."""


def mean_score(
    items: Sequence[Sequence[float | None]], *, bounds: tuple[float, float] | None = (0.0, 1.0)
) -> Statistic:
    """Return the mean of the items' means, with its 95 % interval.

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
    """Return the interval (of 95 % by default) mean -+ t s / sqrt(n) (Student 1908); None below 2 values."""
    if len(values) < 2:
        return None
    mean = fsum(values) / len(values)
    reach = student_quantile(1 - level / 2, len(values) - 1) * deviation(values) / sqrt(len(values))
    return mean - reach, mean + reach


def student_p(values: Sequence[float]) -> float:
    """Return the two-sided p of a mean of 0, for 2 values or more that are not all alike."""
    t = fsum(values) / len(values) / deviation(values) * sqrt(len(values))
    return student_two_sided(t, len(values) - 1)


def resampled_interval(law: ResampledLaw, n: int, level: float = LEVEL) -> tuple[float, float]:
    """Return the expanded percentile interval (of 95 % by default) of the mean of n items (Hesterberg 2015).

    The plain 2.5 and 97.5 % points are too narrow by sqrt((n - 1) / n) and by the normal law in place
    of Student's; so the points at z = -+ sqrt(n / (n - 1)) t are taken (Am Stat 69:371, section 4.1).
    """
    share = normal_below(-sqrt(n / (n - 1)) * student_quantile(1 - level / 2, n - 1))
    return law.quantile(share), law.quantile(1 - share)


def resampled_p(law: ResampledLaw, n: int) -> float:
    """Return the two-sided p of a mean of 0: 1 - the level at which the interval begins to reach 0."""
    least = 1e-300
    below = min(1 - 1e-16, max(least, law.share_below(0.0)))
    return student_two_sided(sqrt((n - 1) / n) * normal_quantile(below), n - 1)


def deviation(values: Sequence[float]) -> float:
    """Return the standard deviation, with n - 1; for 2 values or more."""
    mean = fsum(values) / len(values)
    return sqrt(fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def unlike_others(values: Sequence[float]) -> int:
    """Count the values that are not the commonest one."""
    return len(values) - max(Counter(values).values(), default=0)


def check_bounds(
    items: Sequence[Sequence[float | None]], bounds: tuple[float, float] | None
) -> None:
    """Raise `StatisticsOptionInvalid` for bounds, or a result, that cannot be."""
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
    """Return the warnings about few items and about those left out."""
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
