"""Cox's recalibration line: the overall error of stated probabilities.

Promises: intercept and slope of maximum likelihood with their intervals, or None with the reason
where there is no maximum. Leaves to others: a map that is safe to apply with few rows (this one is
not shrunk).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, log1p, sqrt

from use_cases.kernel.statistics.distributions import Z95, chi_square_above
from use_cases.kernel.statistics.figures import StatisticalResult, about_classes, cautions
from use_cases.kernel.statistics.forecasts import Forecast
from use_cases.kernel.statistics.logistic_regression import (
    LogisticFit,
    LogisticLine,
    Point,
    fit_line,
    log_likelihood,
)

CLIP = 1e-6
"""The least distance of probabilities from 0 and 1 before the logit, which is 13.8 at most. It
decides the slope where many are certain."""

_TRUE = LogisticLine(0.0, 1.0)
"""The line of true probabilities."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalibration(StatisticalResult):
    """The line logit P(right) = intercept + slope logit(p). True probabilities have 0 and 1.

    Slope below 1: too extreme (overconfident); intercept below 0: too high throughout. Intervals
    are Wald's 95 %. `p` is of the likelihood ratio test of (0, 1), two degrees. `clipped` counts
    the rows that were held away from 0 and 1. All None where no maximum exists.
    """

    intercept: float | None
    slope: float | None
    intercept_interval: tuple[float, float] | None
    slope_interval: tuple[float, float] | None
    p: float | None
    clipped: int


def recalibration(
    forecasts: Sequence[Forecast], *, coverage: float | None = None, clip: float = CLIP
) -> Recalibration:
    """Fits the line (Cox 1958) from the base rate and slope 0.

    No finite maximum exists, and None is returned, with one class, with one stated value, and
    where a threshold separates right from wrong (equality on the threshold included).
    """
    points = _points(forecasts, clip)
    reason = _no_maximum(forecasts, points)
    if reason is not None:
        return _recalibration(forecasts, coverage, clip, reason)
    fitted = _maximum(points)
    if fitted is None:
        return _recalibration(forecasts, coverage, clip, "The fit did not settle.")
    (intercept, slope), information = fitted
    spread = [information.slopes, information.intercepts]
    reach = [Z95 * sqrt(value / information.determinant) for value in spread]
    ratio = 2 * (log_likelihood(points, fitted.line) - log_likelihood(points, _TRUE))
    return Recalibration(
        n=len(forecasts),
        coverage=coverage,
        warnings=cautions(forecasts, coverage, _about_clip(forecasts, clip)),
        intercept=intercept,
        slope=slope,
        intercept_interval=(intercept - reach[0], intercept + reach[0]),
        slope_interval=(slope - reach[1], slope + reach[1]),
        p=chi_square_above(ratio),
        clipped=_clipped(forecasts, clip),
    )


def _points(forecasts: Sequence[Forecast], clip: float) -> list[Point]:
    """Merges rows of equal probability to points, ascending."""
    tallies: dict[float, list[int]] = {}
    for forecast in forecasts:
        held = min(max(forecast.probability, clip), 1 - clip)
        tally = tallies.setdefault(held, [0, 0])
        tally[0] += 1
        tally[1] += forecast.right
    return [Point(log(p) - log1p(-p), *tallies[p]) for p in sorted(tallies)]


def _no_maximum(forecasts: Sequence[Forecast], points: Sequence[Point]) -> str | None:
    if not forecasts:
        return ""
    if one_class := about_classes(forecasts):
        return f"{one_class} No line can be fitted."
    if len(points) < 2:
        return "Only one probability was stated: no slope can be fitted."
    rights = [point.x for point in points if point.right]
    wrongs = [point.x for point in points if point.right < point.n]
    if max(wrongs) <= min(rights) or max(rights) <= min(wrongs):
        return "A threshold separates right from wrong: the slope has no finite estimate."
    return None


def _maximum(points: Sequence[Point]) -> LogisticFit | None:
    # From the base rate and slope 0 all rows weigh the same; from (0, 1) certainties weigh nothing.
    right, n = sum(point.right for point in points), sum(point.n for point in points)
    return fit_line(points, LogisticLine(log(right / (n - right)), 0.0))


def _clipped(forecasts: Sequence[Forecast], clip: float) -> int:
    return sum(not clip <= f.probability <= 1 - clip for f in forecasts)


def _about_clip(forecasts: Sequence[Forecast], clip: float) -> str | None:
    count = _clipped(forecasts, clip)
    if not count:
        return None
    return f"{count} probabilities were moved to {clip:g} from 0 or 1: the slope depends on it."


def _recalibration(
    forecasts: Sequence[Forecast], coverage: float | None, clip: float, reason: str
) -> Recalibration:
    return Recalibration(
        n=len(forecasts),
        coverage=coverage,
        warnings=cautions(forecasts, coverage, reason),
        intercept=None,
        slope=None,
        intercept_interval=None,
        slope_interval=None,
        p=None,
        clipped=_clipped(forecasts, clip),
    )
