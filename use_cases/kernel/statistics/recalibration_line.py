"""In what way stated probabilities are wrong as a whole: Cox's recalibration line.

Promises: intercept and slope of maximum likelihood with their intervals, or None with the reason
where there is no such maximum. Leaves to others: a map that is safe to apply with few rows (this
one is not shrunk).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, fsum, log, log1p, sqrt

from use_cases.kernel.statistics.distributions import Z95, chi_square_above
from use_cases.kernel.statistics.figures import Stated, about_classes, cautions
from use_cases.kernel.statistics.forecasts import Forecast

CLIP = 1e-6
"""Probabilities are held this far from 0 and 1 before the logit: 13.8 at most. It decides the slope
where many are certain."""

_STEPS = 100
_SETTLED = 1e-13
_LEVEL = 1e-11
"""Likelihoods that differ by less, relatively, differ by rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalibration(Stated):
    """logit P(right) = intercept + slope logit(p). True probabilities have 0 and 1.

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


@dataclass(frozen=True, slots=True)
class _Point:
    """Rows with one logit."""

    logit: float
    n: int
    right: int


@dataclass(frozen=True, slots=True)
class _Information:
    """Gradient and information (the negative Hessian) of the log likelihood."""

    by_intercept: float
    by_slope: float
    intercepts: float
    mixed: float
    slopes: float

    @property
    def determinant(self) -> float:
        return self.intercepts * self.slopes - self.mixed**2


def recalibration(
    forecasts: Sequence[Forecast], *, coverage: float | None = None, clip: float = CLIP
) -> Recalibration:
    """Cox 1958, fitted by Newton-Raphson from the base rate and slope 0, steps halved where likelihood would fall.

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
    ratio = 2 * (_likelihood(points, intercept, slope) - _likelihood(points, 0.0, 1.0))
    return Recalibration(
        n=len(forecasts),
        coverage=coverage,
        warnings=cautions(forecasts, coverage, _about_clip(forecasts, clip)),
        intercept=intercept,
        slope=slope,
        intercept_interval=(intercept - reach[0], intercept + reach[0]),
        slope_interval=(slope - reach[1], slope + reach[1]),
        p=chi_square_above(ratio, degrees=2),
        clipped=_clipped(forecasts, clip),
    )


def _points(forecasts: Sequence[Forecast], clip: float) -> list[_Point]:
    """Rows of equal probability are one point, ascending."""
    tallies: dict[float, list[int]] = {}
    for forecast in forecasts:
        held = min(max(forecast.probability, clip), 1 - clip)
        tally = tallies.setdefault(held, [0, 0])
        tally[0] += 1
        tally[1] += forecast.right
    return [_Point(log(p) - log1p(-p), *tallies[p]) for p in sorted(tallies)]


def _no_maximum(forecasts: Sequence[Forecast], points: Sequence[_Point]) -> str | None:
    if not forecasts:
        return ""
    if one_class := about_classes(forecasts):
        return f"{one_class} No line can be fitted."
    if len(points) < 2:
        return "Only one probability was stated: no slope can be fitted."
    rights = [point.logit for point in points if point.right]
    wrongs = [point.logit for point in points if point.right < point.n]
    if max(wrongs) <= min(rights) or max(rights) <= min(wrongs):
        return "A threshold separates right from wrong: the slope has no finite estimate."
    return None


def _maximum(points: Sequence[_Point]) -> tuple[tuple[float, float], _Information] | None:
    # From the base rate and slope 0 all rows weigh the same; from (0, 1) certainties weigh nothing.
    right, n = sum(point.right for point in points), sum(point.n for point in points)
    at = (log(right / (n - right)), 0.0)
    height = _likelihood(points, *at)
    for _ in range(_STEPS):
        local = _information(points, *at)
        if local.determinant <= 0:
            return None
        step = _newton(local)
        lowest = height - _LEVEL * abs(height)
        while (reached := _likelihood(points, at[0] + step[0], at[1] + step[1])) < lowest:
            step = (step[0] / 2, step[1] / 2)
            if _settled(at, step):
                return at, local
        at, height = (at[0] + step[0], at[1] + step[1]), reached
        if _settled(at, step):
            return at, local
    return None


def _settled(at: tuple[float, float], step: tuple[float, float]) -> bool:
    # Relative: at an intercept of -41 a last digit is 7e-15, and steps of 1e-13 are rounding.
    return all(abs(by) < _SETTLED * (1 + abs(value)) for value, by in zip(at, step, strict=True))


def _newton(at: _Information) -> tuple[float, float]:
    return (
        (at.slopes * at.by_intercept - at.mixed * at.by_slope) / at.determinant,
        (at.intercepts * at.by_slope - at.mixed * at.by_intercept) / at.determinant,
    )


def _information(points: Sequence[_Point], intercept: float, slope: float) -> _Information:
    shares = [_logistic(intercept + slope * point.logit) for point in points]
    rests = [point.right - point.n * p for point, p in zip(points, shares, strict=True)]
    weights = [point.n * p * (1 - p) for point, p in zip(points, shares, strict=True)]
    by_logit = [weight * point.logit for point, weight in zip(points, weights, strict=True)]
    return _Information(
        by_intercept=fsum(rests),
        by_slope=fsum(rest * point.logit for point, rest in zip(points, rests, strict=True)),
        intercepts=fsum(weights),
        mixed=fsum(by_logit),
        slopes=fsum(part * point.logit for point, part in zip(points, by_logit, strict=True)),
    )


def _likelihood(points: Iterable[_Point], intercept: float, slope: float) -> float:
    """Its logarithm: sum right x eta - n ln(1 + e^eta)."""
    terms: list[float] = []
    for point in points:
        eta = intercept + slope * point.logit
        softplus = max(eta, 0.0) + log1p(exp(-abs(eta)))
        terms.append(point.right * eta - point.n * softplus)
    return fsum(terms)


def _logistic(eta: float) -> float:
    if eta >= 0:
        return 1 / (1 + exp(-eta))
    grown = exp(eta)
    return grown / (1 + grown)


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
