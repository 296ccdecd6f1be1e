"""The laws of the tests (normal, chi-square, Student's t, binomial, Poisson-binomial), and the levels of
several tests.

Promises: survival functions to about 1e-11, in [0, 1], also far in the tails; with Holm's adjustment and
with shares of one level the chance of any false rejection in a family stays within the level, whatever
its tests have in common. Leaves to others: the choice of the law, and of the family.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil, erfc, exp, floor, fsum, lgamma, log, log1p, pi, sqrt
from statistics import NormalDist

Z95 = 1.959963984540054
"""The 97.5 % point of the standard normal law."""

_TINY = 1e-300

EXACT_BELOW = 100.0
"""The variance from which on the law of a count (Poisson-binomial) is approximated by a normal one with
correction for skewness and for whole numbers, off by less than 0.0003 in any cumulated probability.

The plain score test rejects 6.5 % of calibrated bands of 50 rows at 0.5 (variance 12.5), because the next
whole number is a large step; at variance 100 a step is 0.6 % of probability.
"""

_NEGLIGIBLE = 1e-30
"""The mass below which ends are cut; with n rows the law is off by at most 2 n times as much."""

_SHORT = 32
_ALIKE = 1 + 1e-7


def normal_below(x: float) -> float:
    """Returns P(Z <= x) of the standard normal law."""
    return erfc(-x / sqrt(2)) / 2


def normal_two_sided(z: float) -> float:
    """Returns P(|Z| >= |z|) of the standard normal law."""
    return erfc(abs(z) / sqrt(2))


def normal_quantile(share: float) -> float:
    """Returns the z with P(Z <= z) = share of the standard normal law; 0 < share < 1."""
    return NormalDist().inv_cdf(share)


def chi_square_above(x: float) -> float:
    """Returns P(X >= x) for 2 degrees of freedom (a closed form); 1 below 0."""
    return 1.0 if x <= 0 else exp(-x / 2)


def student_two_sided(t: float, degrees: float) -> float:
    """Returns P(|T| >= |t|) of Student's law: I_x(degrees/2, 1/2) at x = degrees / (degrees + t^2).

    `degrees` > 0 need not be whole (Welch). I is the regularised incomplete beta function.
    """
    if t == 0:
        return 1.0
    ratio = t * t / degrees
    # log x and log (1 - x), without the loss of digits near 1.
    log_x, log_rest = -log1p(ratio), log(ratio) - log1p(ratio)
    a, b = degrees / 2, 0.5
    front = exp(_half_step(a) - lgamma(b) + a * log_x + b * log_rest)
    x, rest = 1 / (1 + ratio), ratio / (1 + ratio)
    if x < (a + 1) / (a + b + 2):
        return min(1.0, front * _beta_fraction(x, a, b) / a)
    return max(0.0, 1 - front * _beta_fraction(rest, b, a) / b)


def student_quantile(share: float, degrees: float) -> float:
    """Returns the t with P(T <= t) = share of Student's law; 0 < share < 1.

    Newton's method from the normal quantile: the upper tail is convex, so every step stays short of t.
    """
    if share < 0.5:
        return -student_quantile(1 - share, degrees)
    upper, t = 1 - share, normal_quantile(share)
    front = exp(_half_step(degrees / 2)) / sqrt(degrees * pi)
    for _ in range(200):
        density = front * exp(-(degrees + 1) / 2 * log1p(t * t / degrees))
        step = (student_two_sided(t, degrees) / 2 - upper) / density
        t += step
        if abs(step) <= 1e-14 * t:
            break
    return t


def binomial_at_most(count: int, n: int, share: float) -> float:
    """Returns P(X <= count) of the binomial law of n trials with this share, to about 1e-12 n^(1/2).

    The smaller tail is summed from its largest mass on, so that small probabilities keep their digits.
    """
    if not 0 <= count < n:
        return float(count >= n)
    if share in (0, 1):
        return 1.0 - share
    if count > n * share:
        return 1 - binomial_at_most(n - count - 1, n, 1 - share)
    mass = binomial_mass(count, n, share)
    total, odds = 0.0, (1 - share) / share
    while mass > total * 1e-17:
        total += mass
        mass *= count / (n - count + 1) * odds
        count -= 1
    return min(1.0, total)


def binomial_mass(count: int, n: int, share: float) -> float:
    """Returns P(X = count) of the binomial law of n trials, 0 <= count <= n, 0 < share < 1."""
    ways = lgamma(n + 1) - lgamma(count + 1) - lgamma(n - count + 1)
    return exp(ways + count * log(share) + (n - count) * log1p(-share))


@dataclass(frozen=True, slots=True)
class CountLaw:
    """The law of a count: P(count = first + i) is `masses[i]`; with its `mean` and `variance`."""

    first: int
    masses: tuple[float, ...]
    mean: float
    variance: float
    exact: bool

    def two_sided(self, count: int) -> float:
        """Returns P(a count no more likely than this one): the two-sided p of exact tests.

        The definition is that of R's `binom.test` and `scipy.stats.binomtest`, with their tolerance
        of 1e-7 for equally likely counts.
        """
        place = count - self.first
        seen = self.masses[place] if 0 <= place < len(self.masses) else 0.0
        return min(1.0, fsum(mass for mass in self.masses if mass <= seen * _ALIKE))

    def score(self, count: int) -> float | None:
        """Returns (count - mean) / standard deviation; None without variance."""
        return (count - self.mean) / sqrt(self.variance) if self.variance > 0 else None

    def cumulated(self) -> list[float]:
        """Returns P(count <= first + i) for each i; the last one is 1."""
        sums = list(accumulate(self.masses))
        return [min(1.0, value / sums[-1]) for value in sums]


def counts(probabilities: Sequence[float]) -> CountLaw:
    """Returns the law of the count of right ones among independent rows with these probabilities."""
    mean = fsum(probabilities)
    variance = fsum(p * (1 - p) for p in probabilities)
    if variance >= EXACT_BELOW:
        return _smooth(probabilities, mean, variance)
    certain = sum(p == 1 for p in probabilities)
    open_ones = sorted(p for p in probabilities if 0 < p < 1)
    first, masses = _convolve_rows(open_ones)
    return CountLaw(certain + first, tuple(masses), mean, variance, exact=True)


def _half_step(a: float) -> float:
    """Returns ln gamma(a + 1/2) - ln gamma(a), without the loss of digits of two large logarithms."""
    if a < 50:
        return lgamma(a + 0.5) - lgamma(a)
    return log(a) / 2 - (1 / 8 - (1 / 192 - 1 / (640 * a * a)) / (a * a)) / a


def _beta_fraction(x: float, a: float, b: float) -> float:
    """Evaluates the continued fraction of the incomplete beta function (Lentz, DLMF 8.17.22)."""
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    fraction = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        step = 1.0
        for term in (even, odd):
            d = 1 / _away_from_zero(1 + term * d)
            c = _away_from_zero(1 + term / c)
            step = c * d
            fraction *= step
        if abs(step - 1) < 1e-15:
            break
    return fraction


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


LEVEL = 0.05
"""The p below which a test rejects."""


def holm(ps: Sequence[float]) -> list[float]:
    """Adjusts p-values (Holm 1979), in the given order: max over smaller of (m - rank) p, at most 1."""
    adjusted = [0.0] * len(ps)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        largest = max(largest, min(1.0, (len(ps) - rank) * ps[place]))
        adjusted[place] = largest
    return adjusted


def level_of(comparisons: int, look: int = 1) -> float:
    """Returns the level of each of several comparisons that are looked at again as their items grow.

    The comparisons have equal shares, so that their intervals hold together (Dunn 1961, JASA 56:52). The
    k-th look spends 6 / (pi k)^2 of the whole: 3.0 %, 0.76 %, 0.34 %, so that any number of looks spends
    no more than 5 % (an alpha-spending sequence without a planned end; Lan, DeMets 1983, Biometrika 70:659).
    """
    return LEVEL * 6 / (pi * look) ** 2 / comparisons


def _convolve_rows(ps: Sequence[float]) -> tuple[int, list[float]]:
    """Returns first count and masses, by convolution of halves, whose short ends are cut."""
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
    """Returns the refined normal approximation (Volkova 1996): Phi(x) + skew (1 - x^2) phi(x) / 6."""
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
