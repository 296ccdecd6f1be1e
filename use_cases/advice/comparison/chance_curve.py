"""How often the option with the higher value comes out ahead, as a function of the gap. Pure.

P(higher wins) = 1 / (1 + exp(-slope * gap)): no gap is even odds, and both options are treated
alike. The slope is drawn towards none by a normal prior, so that few pairs claim little, and is
never below none: that a measure once pointed the wrong way is no reason to take it for its opposite.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, sqrt

PRIOR_DEVIATION = 0.5
"""Of the slope, for a gap of typical size (the root of the mean square)."""

_MOST_STEPS = 50
_ENOUGH = 1e-12


@dataclass(frozen=True, slots=True)
class Decided:
    """`cases` decided pairs with this gap, of which the higher one won `higher_won` (half a tie)."""

    gap: float
    cases: float
    higher_won: float


def fit_slope(decided: Sequence[Decided]) -> float:
    """The most probable slope per unit of the gap, by Newton's method; 0 without a pair to learn from.

    Maximises sum(won * log p + (cases - won) * log(1 - p)) - (slope * scale)^2 / (2 * deviation^2),
    which has one maximum; the start and the bounded steps make it reach it.
    """
    cases = sum(row.cases for row in decided)
    scale = sqrt(sum(row.cases * row.gap**2 for row in decided) / cases) if cases else 0.0
    if not scale:
        return 0.0
    penalty = 1 / PRIOR_DEVIATION**2
    slope = 0.0
    for _ in range(_MOST_STEPS):
        gradient, curvature = -penalty * slope, penalty
        for row in decided:
            x = row.gap / scale
            chance = _logistic(slope * x)
            gradient += x * (row.higher_won - row.cases * chance)
            curvature += x * x * row.cases * chance * (1 - chance)
        step = max(-1.0, min(1.0, gradient / curvature))
        slope += step
        if abs(step) < _ENOUGH:
            break
    return max(0.0, slope) / scale


def chances(values: Sequence[float], slope: float) -> Sequence[float]:
    """For each option the chance that it comes out ahead of all others (Bradley and Terry 1952, and
    Luce 1959 for more than two): exp(slope * value), in parts of their sum.
    """
    highest = max(values, default=0.0)
    weights = [exp(slope * (value - highest)) for value in values]
    return [weight / sum(weights) for weight in weights]


def _logistic(x: float) -> float:
    # Both forms are the same number; each overflows where the other does not.
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))
