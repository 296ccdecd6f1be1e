"""Paired pass or fail: McNemar's exact test, and the interval of the difference of two pass rates.

Promises: test and interval never contradict each other: 0 lies outside the interval if and only if the
p that decides is below the level. Leaves to others: repeats of an item and scores (`paired_comparison.py`).
"""

from dataclasses import dataclass
from math import sqrt

from use_cases.kernel.statistics.distributions import (
    binomial_at_most,
    binomial_mass,
    normal_quantile,
    normal_two_sided,
)
from use_cases.kernel.statistics.holm_adjustment import LEVEL

_HALVINGS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class McNemar:
    """The test of `gained` (only the candidate passes) against `lost` (only the baseline does) pairs.

    `p_exact` is the two-sided conditional p, `p` the one that decides. `difference` is the pass rate of
    the candidate less that of the baseline, with its `interval`; None without pairs.
    """

    n: int
    gained: int
    lost: int
    p_exact: float
    p: float
    difference: float | None
    interval: tuple[float, float] | None


def mcnemar(gained: int, lost: int, n: int, level: float = LEVEL) -> McNemar:
    """Test whether two pass rates over the same n items differ.

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
        p_exact=exact_p(gained, lost),
        p=p,
        difference=(gained - lost) / n if n else None,
        interval=_interval(gained, lost, n, level, rejects=p < level) if n else None,
    )


def deciding_p(gained: int, lost: int, level: float = LEVEL) -> float:
    """Return the mid-p; below the usual level no less than the p of the score test at 0.

    The score test is the one of the interval. At 5 % it rejects wherever mid-p does, at small levels
    not: its normal law has the heavier tail there, so both must reject.
    """
    p = mid_p(gained, lost)
    if level >= LEVEL or gained == lost:
        return p
    return max(p, normal_two_sided(abs(gained - lost) / sqrt(gained + lost)))


def exact_p(gained: int, lost: int) -> float:
    """Return the two-sided p: twice the smaller tail, at most 1; 1 without a discordant pair."""
    return min(1.0, 2 * binomial_at_most(min(gained, lost), gained + lost, 0.5))


def mid_p(gained: int, lost: int) -> float:
    """Return the two-sided mid-p: the exact p less the probability of the count seen."""
    if gained == lost:
        return 1.0
    fewer, discordant = min(gained, lost), gained + lost
    tail = 2 * binomial_at_most(fewer, discordant, 0.5)
    return max(0.0, tail - binomial_mass(fewer, discordant, 0.5))


def constrained_variance(gained: float, lost: float, difference: float) -> float:
    """Return 2 q + d (1 - d), q the share lost most likely given d, of the shares gained and lost."""
    w = (2 - gained + lost) * difference - gained - lost
    root = sqrt(max(0.0, w * w + 8 * lost * difference * (1 - difference)))
    return 2 * max(0.0, (root - w) / 4) + difference * (1 - difference)


def _interval(
    gained: int, lost: int, n: int, level: float, *, rejects: bool
) -> tuple[float, float]:
    """Return the differences that are not rejected: 0 by the deciding p, others by Tango's score test.

    Where they disagree about 0, the end that is nearer to 0 is 0: an end at 0 does not exclude it.
    The score test at 0 is McNemar's with a normal law, which rejects wherever the deciding p does.
    """
    z = normal_quantile(1 - level / 2)
    low = _score_limit(gained, lost, n, z)
    high = -_score_limit(lost, gained, n, z)
    return (low, high) if rejects else (min(low, 0.0), max(high, 0.0))


def _score_limit(gained: int, lost: int, n: int, z: float) -> float:
    """Return the lower limit where Tango's (1998, Stat Med 17:891) score reaches z, by halving."""
    below, above = -1.0, (gained - lost) / n
    for _ in range(_HALVINGS):
        middle = (below + above) / 2
        if _score(gained, lost, n, middle) > z:
            below = middle
        else:
            above = middle
    return below


def _score(gained: int, lost: int, n: int, difference: float) -> float:
    """Return (gained - lost - n d) / sqrt(n v), v the variance most likely given d."""
    distance = gained - lost - n * difference
    variance = n * constrained_variance(gained / n, lost / n, difference)
    return distance / sqrt(variance) if variance > 0 else float("inf") * distance
