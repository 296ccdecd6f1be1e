"""How many items a paired comparison needs, and the least difference that a number of items can show.

Promises: figures for a two-sided level of 5 % and a power of 80 %, for the tests that decide in
`paired_comparison.py`. Leaves to others: the spread, which is estimated from the items at hand, so that
a figure from few items is itself uncertain.
"""

from functools import lru_cache
from math import ceil, floor, inf, sqrt

from use_cases.kernel.statistics.distributions import (
    Z95,
    binomial_at_most,
    binomial_mass,
    normal_below,
    normal_quantile,
    student_quantile,
)
from use_cases.kernel.statistics.holm_adjustment import LEVEL
from use_cases.kernel.statistics.mcnemar_test import mid_p

POWER = 0.8
MOST_CASES = 10_000_000
"""The number of items from which on no number is stated."""

_SUMMED_BELOW = 200.0
"""The expected discordant pairs below which the power is summed, not approximated."""

_REACH = 8.0
_HALVINGS = 20


def pass_fail_power(n: int, discordance: float, difference: float) -> float:
    """Return the chance that the mid-p McNemar test of n items rejects.

    `discordance` is the share of items that only one variant passes, `difference` that of the pass
    rates, at most as large. Below 200 expected discordant pairs the exact sum over their number, above
    Connor's (1987, Biometrics 43:207) normal law: P(Z < (|d| sqrt(n) - 1.96 sqrt(s)) / sqrt(s - d^2)).
    """
    difference = abs(difference)
    if discordance == 0:
        return 0.0
    if n * discordance < _SUMMED_BELOW:
        return _summed_power(n, discordance, difference)
    distance = difference * sqrt(n) - Z95 * sqrt(discordance)
    spread = sqrt(max(0.0, discordance - difference * difference))
    return normal_below(distance / spread if spread else inf * distance)


@lru_cache(maxsize=4_096)
def pass_fail_cases(discordance: float, difference: float) -> int | None:
    """Return the least number of items that gives the power; None for no difference, or too many."""
    if difference == 0:
        return None
    fewest, enough = 0, 8
    while pass_fail_power(enough, discordance, difference) < POWER:
        fewest, enough = enough, 2 * enough
        if enough > MOST_CASES:
            return None
    while enough - fewest > 1:
        middle = (fewest + enough) // 2
        if pass_fail_power(middle, discordance, difference) < POWER:
            fewest = middle
        else:
            enough = middle
    return enough


@lru_cache(maxsize=4_096)
def pass_fail_detectable(n: int, discordance: float) -> float | None:
    """Return the least difference of pass rates that n items show with the power; None: none.

    A difference above the discordance takes as many discordant items as it needs.
    """
    if pass_fail_power(n, 1.0, 1.0) < POWER:
        return None
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if pass_fail_power(n, max(discordance, middle), middle) < POWER:
            low = middle
        else:
            high = middle
    return high


def score_power(n: int, deviation: float, difference: float) -> float:
    """Return the chance that the interval of a mean of n differences excludes 0.

    `deviation` is the standard deviation of the items' differences. P(Z < sqrt(n) |d| / s - t), t the
    97.5 % point of Student's law with n - 1 degrees.
    """
    if n < 2 or deviation == 0:
        return float(n >= 2 and difference != 0)
    return normal_below(sqrt(n) * abs(difference) / deviation - student_quantile(0.975, n - 1))


def score_cases(deviation: float, difference: float) -> int | None:
    """Return ((1.96 + 0.84) s / d)^2 + 1.96^2 / 2, the last term for Student's law (Guenther 1981)."""
    if difference == 0:
        return None
    cases = ((Z95 + normal_quantile(POWER)) * deviation / difference) ** 2 + Z95 * Z95 / 2
    return ceil(cases) if cases <= MOST_CASES else None


def score_detectable(n: int, deviation: float) -> float | None:
    """Return the least mean difference that n items show with the power; None below 2 items."""
    if n < 2:
        return None
    return (student_quantile(0.975, n - 1) + normal_quantile(POWER)) * deviation / sqrt(n)


def _summed_power(n: int, discordance: float, difference: float) -> float:
    mean, reach = n * discordance, _REACH * sqrt(n * discordance) + _REACH
    first, last = max(1, floor(mean - reach)), min(n, ceil(mean + reach))
    gained = min(1.0, (discordance + difference) / (2 * discordance))
    critical, total = _critical(first, -1), 0.0
    for pairs in range(first, last + 1):
        critical = _critical(pairs, critical)
        weight = binomial_mass(pairs, n, discordance) if discordance < 1 else float(pairs == n)
        if critical >= 0 and weight:
            found = binomial_at_most(critical, pairs, 1 - gained)
            total += weight * (found + binomial_at_most(critical, pairs, gained))
    return min(1.0, total)


def _critical(pairs: int, known: int) -> int:
    """Return the most of the rarer kind with which the test rejects, -1: never; not below `known`."""
    while 2 * (known + 1) < pairs and mid_p(pairs - known - 1, known + 1) < LEVEL:
        known += 1
    return known
