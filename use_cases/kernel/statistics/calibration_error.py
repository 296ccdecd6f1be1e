"""The overall error of stated probabilities: the calibration error over bands, and Cox's recalibration line.

Promises: an error of calibration always comes with that of a perfect forecaster with the same
confidences: expectation, 95th percentile and p-value. The line has intercept and slope of maximum likelihood
with their intervals, or None with the reason where there is no maximum. Leaves to others: the test of each
band (`bands.py`); a map that is safe to apply with few rows (this line is not shrunk). Errors are in
probability (0.05 is five points), about "is this advice right?" over the whole of 0 to 1, not about the top
class of many.
"""

import random
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, log, log1p, sqrt

from use_cases.kernel.statistics.bands import Edges, group_by_band
from use_cases.kernel.statistics.distributions import Z95, CountLaw, chi_square_above, counts
from use_cases.kernel.statistics.figures import Forecast, StatisticalResult, about_classes, cautions
from use_cases.kernel.statistics.intervals import SEED, percentile
from use_cases.kernel.statistics.logistic_regression import (
    LogisticFit,
    LogisticLine,
    Point,
    fit_line,
    log_likelihood,
)

DRAWS = 9_999
"""The draws of a calibrated forecaster; the smallest p-value is 1/10,000."""

LEVEL = 0.05
"""The p-value below which chance does not explain an error."""

SMALL = 1_000
"""The rows below which the error of a perfect forecaster is visible (0.02 at 1,900, 0.06 at 280)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationErrors(StatisticalResult):
    """The errors over the bands with rows; all None without rows, all 0 best.

    `ece` weighs bands by rows. `ece_expected`, `ece_q95` and `ece_p` describe the `ece` of a perfect
    forecaster: its mean, its 95th percentile, and the chance of one at least as large as this.
    """

    ece: float | None = None
    ece_expected: float | None = None
    ece_q95: float | None = None
    ece_p: float | None = None
    draws: int = 0


def calibration_errors(
    forecasts: Sequence[Forecast],
    *,
    bands: int = 10,
    edges: Edges = "left",
    coverage: float | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> CalibrationErrors:
    """Computes ECE = sum n_k gap_k / n (Naeini 2015), with n_k rows in band k and gap_k = |pbar_k -
    ybar_k|.

    If calibrated, y ~ Bernoulli(p): the number of right ones in a band is Poisson-binomial and bands
    are independent, so counts are drawn, not rows (`distributions.counts`), from a fixed seed; the
    expectation needs no draws. p = (draws with ECE* >= ECE, and 1) / (draws + 1).
    """
    grouped = [rows for rows in group_by_band(forecasts, bands=bands, edges=edges) if rows]
    n = len(forecasts)
    if not n:
        return CalibrationErrors(n=0, coverage=coverage, warnings=cautions(forecasts, coverage))
    laws = [counts([row.probability for row in rows]) for rows in grouped]
    ece = fsum(_off_by(rows) for rows in grouped) / n
    drawn = _draw_calibrated(laws, n, draws, seed)
    chance = _chance(drawn, ece)
    return CalibrationErrors(
        n=n,
        coverage=coverage,
        warnings=cautions(forecasts, coverage, _about_size(n, chance)),
        ece=ece,
        ece_expected=fsum(sum(_distances(law, n)[1]) for law in laws),
        ece_q95=percentile(drawn, 0.95),
        ece_p=chance,
        draws=draws,
    )


def _off_by(rows: Sequence[Forecast]) -> float:
    """Returns by how many the right ones differ from those that were promised."""
    return abs(fsum(row.probability - row.right for row in rows))


def _draw_calibrated(laws: Sequence[CountLaw], n: int, draws: int, seed: int) -> list[float]:
    """Draws the ECE of calibrated forecasters, ascending."""
    generator = random.Random(seed)  # noqa: S311  (resampling, no secret)
    uniform = generator.random
    totals = [0.0] * draws
    for law in laws:
        upto, (parts, _) = law.cumulated(), _distances(law, n)
        totals = [total + parts[bisect_left(upto, uniform())] for total in totals]
    return sorted(totals)


def _chance(drawn: Sequence[float], ece: float) -> float:
    # The sum of the same gaps in another order may differ in its last digit.
    as_large = len(drawn) - bisect_left(drawn, ece - 1e-12)
    return (as_large + 1) / (len(drawn) + 1)


def _distances(law: CountLaw, n: int) -> tuple[list[float], list[float]]:
    """Returns |count - expected| / n of each count, and the same times its probability."""
    parts = [abs(law.first + place - law.mean) / n for place in range(len(law.masses))]
    return parts, [part * mass for part, mass in zip(parts, law.masses, strict=True)]


def _about_size(n: int, chance: float) -> str | None:
    if n >= SMALL or chance < LEVEL:
        return None
    return "With so few outcomes the error is mostly chance: compare it with its expectation."


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
