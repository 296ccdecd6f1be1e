"""The probability that the option with the higher value comes out ahead, as a function of the gap.
Pure.

P(higher wins) = 1 / (1 + exp(-slope * gap)): no gap is even odds, and both options are treated
alike. A normal prior draws the slope towards 0, so that few pairs claim little, and the slope is
never negative: a measure that once pointed the wrong way is no evidence for its opposite.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, sqrt

from use_cases.kernel.statistics.logistic_regression import LogisticLine, Point, Prior, fit_line

PRIOR_DEVIATION = 0.5
"""The prior's standard deviation of the slope, for a gap of typical size (the root of the mean
square).
"""

_NO_GAP_COUNTS = LogisticLine(0.0, 0.0)
_PRIOR = Prior(_NO_GAP_COUNTS, 1 / PRIOR_DEVIATION**2)


@dataclass(frozen=True, slots=True)
class Decided:
    """`cases` decided pairs with this gap, of which the higher one won `higher_won` (half a tie)."""

    gap: float
    cases: float
    higher_won: float


def fit_slope(decided: Sequence[Decided]) -> float:
    """Return the most probable slope per unit of the gap; 0 without a pair to learn from.

    Maximises sum(won * log p + (cases - won) * log(1 - p)) - (slope * scale)^2 / (2 * deviation^2),
    which has one maximum.
    """
    cases = sum(row.cases for row in decided)
    scale = sqrt(sum(row.cases * row.gap**2 for row in decided) / cases) if cases else 0.0
    if not scale:
        return 0.0
    points = [Point(row.gap / scale, row.cases, row.higher_won) for row in decided]
    fitted = fit_line(points, _NO_GAP_COUNTS, _PRIOR, keep_intercept=True)
    return max(0.0, fitted.line.slope) / scale if fitted else 0.0


def chances(values: Sequence[float], slope: float) -> Sequence[float]:
    """Return each option's probability to come out ahead of all others (Bradley and Terry 1952, and
    Luce 1959 for more than two): exp(slope * value), in parts of their sum.
    """
    highest = max(values, default=0.0)
    weights = [exp(slope * (value - highest)) for value in values]
    return [weight / sum(weights) for weight in weights]
