"""How many items a paired comparison needs, and the least difference that a number of items can show.

Promises: figures for a power of 80 % and a two-sided level (5 % by default), for the tests that decide
in `paired_comparison.py`. Leaves to others: the spread, which is estimated from the items at hand, so that
a figure from few items is itself uncertain.
"""

from functools import lru_cache
from math import ceil, floor, inf, sqrt

from use_cases.kernel.statistics.distributions import (
    binomial_at_most,
    binomial_mass,
    normal_below,
    normal_quantile,
    student_quantile,
)
from use_cases.kernel.statistics.holm_adjustment import LEVEL
from use_cases.kernel.statistics.mcnemar_test import constrained_variance, deciding_p

POWER = 0.8
MOST_CASES = 10_000_000
"""The number of items from which on no number is stated."""

_SUMMED_BELOW = 200.0
"""The expected discordant pairs below which the power is summed, not approximated."""

_REACH = 8.0
_HALVINGS = 20


def pass_fail_power(n: int, discordance: float, difference: float, level: float = LEVEL) -> float:
    """Return the chance that the mid-p McNemar test of n items rejects.

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
    """Return the least number of items that gives the power; None for no difference, or too many."""
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
    """Return the least difference of pass rates that n items show with the power; None: none.

    A difference above the discordance takes as many discordant items as it needs.
    """
    if pass_fail_power(n, 1.0, 1.0, level) < POWER:
        return None
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if pass_fail_power(n, max(discordance, middle), middle, level) < POWER:
            low = middle
        else:
            high = middle
    return high


def score_cases(deviation: float, difference: float, level: float = LEVEL) -> int | None:
    """Return ((z + 0.84) s / d)^2 + z^2 / 2, the last term for Student's law (Guenther 1981)."""
    if difference == 0:
        return None
    z = _z(level)
    cases = ((z + normal_quantile(POWER)) * deviation / difference) ** 2 + z * z / 2
    return ceil(cases) if cases <= MOST_CASES else None


def score_detectable(n: int, deviation: float, level: float = LEVEL) -> float | None:
    """Return the least mean difference that n items show with the power; None below 2 items."""
    if n < 2:
        return None
    return (student_quantile(1 - level / 2, n - 1) + normal_quantile(POWER)) * deviation / sqrt(n)


def margin_cases(
    deviation: float, difference: float, margin: float, level: float, *, passes: bool
) -> int | None:
    """Return the items whose interval lies above -margin with the power, if the difference is as observed.

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
    """Return the most of the rarer kind with which the test rejects, -1: never; not below `known`."""
    while 2 * (known + 1) < pairs and deciding_p(pairs - known - 1, known + 1, level) < level:
        known += 1
    return known
