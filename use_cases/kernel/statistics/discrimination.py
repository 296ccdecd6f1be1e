"""Discrimination: the area under the ROC curve, with its interval.

Promises: ties count half; the interval is DeLong's. Leaves to others: calibration, and the decision
to tune (`tuning/guards.py`).
"""

from collections.abc import Sequence
from math import fsum, sqrt

from use_cases.kernel.statistics.distributions import Z95
from use_cases.kernel.statistics.figures import Statistic, about_classes, statistic
from use_cases.kernel.statistics.forecasts import Forecast


def auc(forecasts: Sequence[Forecast], *, coverage: float | None = None) -> Statistic:
    """Compute P(a right one was stated higher than a wrong one) + half P(equal); 0.5 is no order.

    Equals the Mann-Whitney statistic over right x wrong pairs. Interval: AUC -+ 1.96 se, cut to
    [0, 1], with se^2 = var(V10)/right + var(V01)/wrong (DeLong, DeLong, Clarke-Pearson 1988; by
    counts of equal values). None with one class; no interval with fewer than two of a class, nor
    where the order is perfect, because the estimated variance is then 0 for any n.
    """
    groups = _by_probability(forecasts)
    right = sum(ones for ones, _ in groups)
    wrong = len(forecasts) - right
    if not right or not wrong:
        return statistic(None, forecasts, coverage, about_classes(forecasts))
    of_right, of_wrong = _placements(groups, right, wrong)
    value = fsum(count * place for count, place in of_right) / right
    if min(right, wrong) < 2:
        warning = "No interval: it takes two outcomes of either kind."
        return statistic(value, forecasts, coverage, warning)
    variance = _variance(of_right, right, value) / right + _variance(of_wrong, wrong, value) / wrong
    if variance <= 0:
        warning = "No interval: no pair contradicts the others, so its width cannot be estimated."
        return statistic(value, forecasts, coverage, warning)
    reach = Z95 * sqrt(variance)
    interval = (max(0.0, value - reach), min(1.0, value + reach))
    return statistic(value, forecasts, coverage, interval=interval)


def _by_probability(forecasts: Sequence[Forecast]) -> list[tuple[int, int]]:
    """Return (right, wrong) of each distinct probability, ascending."""
    counts: dict[float, list[int]] = {}
    for forecast in forecasts:
        counts.setdefault(forecast.probability, [0, 0])[not forecast.right] += 1
    return [(counts[p][0], counts[p][1]) for p in sorted(counts)]


def _placements(
    groups: Sequence[tuple[int, int]], right: int, wrong: int
) -> tuple[list[tuple[int, float]], list[tuple[int, float]]]:
    """Return (count, V10 = share of wrong below) and (count, V01 = share of right above) by value."""
    of_right: list[tuple[int, float]] = []
    of_wrong: list[tuple[int, float]] = []
    ones_below = zeros_below = 0
    for ones, zeros in groups:
        of_right.append((ones, (zeros_below + zeros / 2) / wrong))
        of_wrong.append((zeros, (right - ones_below - ones / 2) / right))
        ones_below += ones
        zeros_below += zeros
    return of_right, of_wrong


def _variance(placed: Sequence[tuple[int, float]], n: int, mean: float) -> float:
    return fsum(count * (place - mean) ** 2 for count, place in placed) / (n - 1)
