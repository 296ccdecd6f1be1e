"""The distribution of the number of right ones, if every stated probability is true.

Promises: the exact law of a sum of independent Bernoulli(p_i) (Poisson-binomial) as long as its
variance is below `EXACT_BELOW`; above, a normal law with correction for skewness and for whole
numbers, off by less than 0.0003 in any cumulated probability. Leaves to others: tests.

The reason for the limit: the plain score test rejects 6.5 % of calibrated bands of 50 rows at 0.5
(variance 12.5), because the next whole number is a large step; at variance 100 a step is 0.6 % of
probability.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil, exp, floor, fsum, pi, sqrt

from use_cases.kernel.statistics.distributions import normal_below

EXACT_BELOW = 100.0
"""The variance from which on the law is approximated."""

_NEGLIGIBLE = 1e-30
"""The mass below which ends are cut; with n rows the law is off by at most 2 n times as much."""

_SHORT = 32
_ALIKE = 1 + 1e-7


@dataclass(frozen=True, slots=True)
class CountLaw:
    """The law of a count: P(count = first + i) is `masses[i]`; with its `mean` and `variance`."""

    first: int
    masses: tuple[float, ...]
    mean: float
    variance: float
    exact: bool

    def two_sided(self, count: int) -> float:
        """Return P(a count no more likely than this one): the two-sided p of exact tests.

        The definition is that of R's `binom.test` and `scipy.stats.binomtest`, with their tolerance
        of 1e-7 for equally likely counts.
        """
        place = count - self.first
        seen = self.masses[place] if 0 <= place < len(self.masses) else 0.0
        return min(1.0, fsum(mass for mass in self.masses if mass <= seen * _ALIKE))

    def score(self, count: int) -> float | None:
        """Return (count - mean) / standard deviation; None without variance."""
        return (count - self.mean) / sqrt(self.variance) if self.variance > 0 else None

    def cumulated(self) -> list[float]:
        """Return P(count <= first + i) for each i; the last one is 1."""
        sums = list(accumulate(self.masses))
        return [min(1.0, value / sums[-1]) for value in sums]


def counts(probabilities: Sequence[float]) -> CountLaw:
    """Return the law of the count of right ones among independent rows with these probabilities."""
    mean = fsum(probabilities)
    variance = fsum(p * (1 - p) for p in probabilities)
    if variance >= EXACT_BELOW:
        return _smooth(probabilities, mean, variance)
    certain = sum(p == 1 for p in probabilities)
    open_ones = sorted(p for p in probabilities if 0 < p < 1)
    first, masses = _convolve_rows(open_ones)
    return CountLaw(certain + first, tuple(masses), mean, variance, exact=True)


def _convolve_rows(ps: Sequence[float]) -> tuple[int, list[float]]:
    """Return first count and masses, by convolution of halves, whose short ends are cut."""
    if len(ps) > _SHORT:
        middle = len(ps) // 2
        return _cut(*_convolve(_convolve_rows(ps[:middle]), _convolve_rows(ps[middle:])))
    masses = [1.0]
    for p in ps:
        stay = [mass * (1 - p) for mass in masses] + [0.0]
        move = [0.0] + [mass * p for mass in masses]
        masses = [a + b for a, b in zip(stay, move, strict=True)]
    return 0, masses


def _convolve(
    one: tuple[int, list[float]], other: tuple[int, list[float]]
) -> tuple[int, list[float]]:
    (first, short), (second, long) = sorted((one, other), key=lambda law: len(law[1]))
    masses = [0.0] * (len(short) + len(long) - 1)
    width = len(long)
    for at, weight in enumerate(short):
        masses[at : at + width] = [
            mass + weight * more for mass, more in zip(masses[at : at + width], long, strict=True)
        ]
    return first + second, masses


def _cut(first: int, masses: list[float]) -> tuple[int, list[float]]:
    start, end = 0, len(masses)
    while masses[start] < _NEGLIGIBLE:
        start += 1
    while masses[end - 1] < _NEGLIGIBLE:
        end -= 1
    return first + start, masses[start:end]


def _smooth(probabilities: Sequence[float], mean: float, variance: float) -> CountLaw:
    """Return the refined normal approximation (Volkova 1996): Phi(x) + skew (1 - x^2) phi(x) / 6."""
    deviation = sqrt(variance)
    skew = fsum(p * (1 - p) * (1 - 2 * p) for p in probabilities) / deviation**3
    first = max(0, floor(mean - 8 * deviation))
    last = min(len(probabilities), ceil(mean + 8 * deviation))
    below = 0.0
    masses: list[float] = []
    for count in range(first, last + 1):
        x = (count + 0.5 - mean) / deviation
        bend = skew * (1 - x * x) * exp(-x * x / 2) / sqrt(2 * pi) / 6
        upto = 1.0 if count == last else min(1.0, max(below, normal_below(x) + bend))
        masses.append(upto - below)
        below = upto
    return CountLaw(first, tuple(masses), mean, variance, exact=False)
