"""Paired pass or fail (McNemar's exact test with the interval of the difference), and how many items a
paired comparison needs.

Promises: test and interval never contradict each other: 0 lies outside the interval if and only if the p
that decides is below the level. Sizes are for a power of 80 % and a two-sided level (5 % by default), for the
tests that decide in `paired_comparison.py`. Leaves to others: repeats of an item and scores, and the spread,
which is estimated from the items at hand, so that a size from few items is itself uncertain.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor, inf, sqrt

from use_cases.kernel.statistics.distributions import (
    LEVEL,
    binomial_at_most,
    binomial_mass,
    normal_below,
    normal_quantile,
    normal_two_sided,
    student_quantile,
)

_HALVINGS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class McNemar:
    """The test of `gained` (only the candidate passes) against `lost` (only the baseline does) pairs.

    `p` is two-sided. `difference` is the pass rate of
    the candidate less that of the baseline, with its `interval`; None without pairs.
    """

    n: int
    gained: int
    lost: int
    p: float
    difference: float | None
    interval: tuple[float, float] | None


def mcnemar(gained: int, lost: int, n: int, level: float = LEVEL) -> McNemar:
    """Tests whether two pass rates over the same n items differ.

    Given the discordant pairs, `gained` is binomial with 1/2. The mid-p value (the probability of the
    count seen taken half) decides: Fagerland, Lydersen, Laake (2013, BMC Med Res Methodol 13:91)
    recommend it, because the exact p needs many more items for the same power.
    """
    if gained < 0 or lost < 0 or gained + lost > n:
        raise ValueError(f"{gained} + {lost} discordant pairs are none of {n} pairs")
    p = deciding_p(gained, lost, level)
    return McNemar(
        n=n,
        gained=gained,
        lost=lost,
        p=p,
        difference=(gained - lost) / n if n else None,
        interval=_interval(gained, lost, n, level, rejects=p < level) if n else None,
    )


def deciding_p(gained: int, lost: int, level: float = LEVEL) -> float:
    """Returns the mid-p; below the usual level no less than the p of the score test at 0.

    The score test is the one of the interval. At 5 % it rejects wherever mid-p does, at small levels
    not: its normal law has the heavier tail there, so both must reject.
    """
    p = mid_p(gained, lost)
    if level >= LEVEL or gained == lost:
        return p
    return max(p, normal_two_sided(abs(gained - lost) / sqrt(gained + lost)))


def exact_p(gained: int, lost: int) -> float:
    """Returns the two-sided p: twice the smaller tail, at most 1; 1 without a discordant pair."""
    return min(1.0, 2 * binomial_at_most(min(gained, lost), gained + lost, 0.5))


def mid_p(gained: int, lost: int) -> float:
    """Returns the two-sided mid-p: the exact p less the probability of the count seen."""
    if gained == lost:
        return 1.0
    fewer, discordant = min(gained, lost), gained + lost
    tail = 2 * binomial_at_most(fewer, discordant, 0.5)
    return max(0.0, tail - binomial_mass(fewer, discordant, 0.5))


def constrained_variance(gained: float, lost: float, difference: float) -> float:
    """Returns 2 q + d (1 - d), q the share lost most likely given d, of the shares gained and lost."""
    w = (2 - gained + lost) * difference - gained - lost
    root = sqrt(max(0.0, w * w + 8 * lost * difference * (1 - difference)))
    return 2 * max(0.0, (root - w) / 4) + difference * (1 - difference)


def _interval(
    gained: int, lost: int, n: int, level: float, *, rejects: bool
) -> tuple[float, float]:
    """Returns the differences that are not rejected: 0 by the deciding p, others by Tango's score test.

    Where they disagree about 0, the end that is nearer to 0 is 0: an end at 0 does not exclude it.
    The score test at 0 is McNemar's with a normal law, which rejects wherever the deciding p does.
    """
    z = normal_quantile(1 - level / 2)
    low = _score_limit(gained, lost, n, z)
    high = -_score_limit(lost, gained, n, z)
    return (low, high) if rejects else (min(low, 0.0), max(high, 0.0))


def _score_limit(gained: int, lost: int, n: int, z: float) -> float:
    """Returns the lower limit where Tango's (1998, Stat Med 17:891) score reaches z, by halving."""
    below, above = -1.0, (gained - lost) / n
    for _ in range(_HALVINGS):
        middle = (below + above) / 2
        if _score(gained, lost, n, middle) > z:
            below = middle
        else:
            above = middle
    return below


def _score(gained: int, lost: int, n: int, difference: float) -> float:
    """Returns (gained - lost - n d) / sqrt(n v), v the variance most likely given d."""
    distance = gained - lost - n * difference
    variance = n * constrained_variance(gained / n, lost / n, difference)
    return distance / sqrt(variance) if variance > 0 else float("inf") * distance


POWER = 0.8
MOST_CASES = 10_000_000
"""The number of items from which on no number is stated."""

_SUMMED_BELOW = 200.0
"""The expected discordant pairs below which the power is summed, not approximated."""

_REACH = 8.0
_SIZE_HALVINGS = 20


def pass_fail_power(n: int, discordance: float, difference: float, level: float = LEVEL) -> float:
    """Returns the chance that the mid-p McNemar test of n items rejects.

    `discordance` is the share of items that only one variant passes, `difference` that of the pass
    rates, at most as large. Below 200 expected discordant pairs the exact sum over their number, above
    Connor's (1987, Biometrics 43:207) normal law: P(Z < (|d| sqrt(n) - z sqrt(s)) / sqrt(s - d^2)).
    """
    difference = abs(difference)
    if discordance == 0:
        return 0.0
    if n * discordance < _SUMMED_BELOW:
        return _summed_power(n, discordance, difference, level)
    distance = difference * sqrt(n) - _z(level) * sqrt(discordance)
    spread = sqrt(max(0.0, discordance - difference * difference))
    return normal_below(distance / spread if spread else inf * distance)


@lru_cache(maxsize=4_096)
def pass_fail_cases(discordance: float, difference: float, level: float = LEVEL) -> int | None:
    """Returns the least number of items that gives the power; None for no difference, or too many."""
    if difference == 0:
        return None
    fewest, enough = 0, 8
    while pass_fail_power(enough, discordance, difference, level) < POWER:
        fewest, enough = enough, 2 * enough
        if enough > MOST_CASES:
            return None
    while enough - fewest > 1:
        middle = (fewest + enough) // 2
        if pass_fail_power(middle, discordance, difference, level) < POWER:
            fewest = middle
        else:
            enough = middle
    return enough


@lru_cache(maxsize=4_096)
def pass_fail_detectable(n: int, discordance: float, level: float = LEVEL) -> float | None:
    """Returns the least difference of pass rates that n items show with the power; None: none.

    A difference above the discordance takes as many discordant items as it needs.
    """
    if pass_fail_power(n, 1.0, 1.0, level) < POWER:
        return None
    low, high = 0.0, 1.0
    for _ in range(_SIZE_HALVINGS):
        middle = (low + high) / 2
        if pass_fail_power(n, max(discordance, middle), middle, level) < POWER:
            low = middle
        else:
            high = middle
    return high


def score_cases(deviation: float, difference: float, level: float = LEVEL) -> int | None:
    """Returns ((z + 0.84) s / d)^2 + z^2 / 2, the last term for Student's law (Guenther 1981)."""
    if difference == 0:
        return None
    z = _z(level)
    cases = ((z + normal_quantile(POWER)) * deviation / difference) ** 2 + z * z / 2
    return ceil(cases) if cases <= MOST_CASES else None


def score_detectable(n: int, deviation: float, level: float = LEVEL) -> float | None:
    """Returns the least mean difference that n items show with the power; None below 2 items."""
    if n < 2:
        return None
    return (student_quantile(1 - level / 2, n - 1) + normal_quantile(POWER)) * deviation / sqrt(n)


def margin_cases(
    deviation: float, difference: float, margin: float, level: float, *, passes: bool
) -> int | None:
    """Returns the items whose interval lies above -margin with the power, if the difference is as
    observed.

    None where it is not above -margin, or for too many. `passes`: by Tango's score, whose spread is that
    of a loss of the margin (Nam 1997, Biometrics 53:1422).
    """
    distance = difference + margin
    if distance <= 0:
        return None
    z, spread = _z(level), deviation
    if passes:
        discordance = deviation * deviation + difference * difference
        gained, lost = (discordance + difference) / 2, (discordance - difference) / 2
        spread = sqrt(constrained_variance(gained, max(0.0, lost), -margin))
    cases = ((z * spread + normal_quantile(POWER) * deviation) / distance) ** 2 + z * z / 2
    return ceil(cases) if cases <= MOST_CASES else None


def _z(level: float) -> float:
    return normal_quantile(1 - level / 2)


def _summed_power(n: int, discordance: float, difference: float, level: float) -> float:
    mean, reach = n * discordance, _REACH * sqrt(n * discordance) + _REACH
    first, last = max(1, floor(mean - reach)), min(n, ceil(mean + reach))
    gained = min(1.0, (discordance + difference) / (2 * discordance))
    critical, total = _critical(first, -1, level), 0.0
    for pairs in range(first, last + 1):
        critical = _critical(pairs, critical, level)
        weight = binomial_mass(pairs, n, discordance) if discordance < 1 else float(pairs == n)
        if critical >= 0 and weight:
            found = binomial_at_most(critical, pairs, 1 - gained)
            total += weight * (found + binomial_at_most(critical, pairs, gained))
    return min(1.0, total)


def _critical(pairs: int, known: int, level: float) -> int:
    """Returns the most of the rarer kind with which the test rejects, -1: never; not below `known`."""
    while 2 * (known + 1) < pairs and deciding_p(pairs - known - 1, known + 1, level) < level:
        known += 1
    return known
