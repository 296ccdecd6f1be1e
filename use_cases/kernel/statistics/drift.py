"""Drift: the comparison of two windows.

Promises: drift of calibration and drift of score are separate, because harder questions worsen a
score without any change of the forecaster. Leaves to others: the choice of the windows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt

from use_cases.kernel.statistics.distributions import normal_two_sided, student_two_sided
from use_cases.kernel.statistics.figures import StatisticalResult, cautions
from use_cases.kernel.statistics.forecast_scores import brier
from use_cases.kernel.statistics.forecasts import Forecast


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows(StatisticalResult):
    """An earlier and a later window; `n` counts both. None: cannot be computed.

    Residuals are y - p: below 0 overconfident. `z` and `p` compare their means; `p_brier` and
    `p_excess` the mean Brier and the mean excess (p - y)^2 - p (1 - p), which is 0 for true
    probabilities whatever the difficulty.
    """

    n_earlier: int
    n_later: int
    residual_earlier: float | None
    residual_later: float | None
    z: float | None
    p: float | None
    brier_earlier: float | None
    brier_later: float | None
    p_brier: float | None
    excess_earlier: float | None
    excess_later: float | None
    p_excess: float | None


def compare_windows(
    earlier: Sequence[Forecast], later: Sequence[Forecast], *, coverage: float | None = None
) -> Windows:
    """Compute Z = (mean residual later - earlier) / sqrt(V1/n1^2 + V2/n2^2), V = sum p (1 - p).

    Two-sided p by the normal law; Brier and excess Brier by Welch's t (two-sided, Student's law
    with Welch-Satterthwaite degrees; None with fewer than two rows in a window or without spread).
    """
    both = [*earlier, *later]
    before, after = _residuals(earlier), _residuals(later)
    z = _difference(earlier, later) if earlier and later else None
    return Windows(
        n=len(both),
        coverage=coverage,
        warnings=cautions(both, coverage, _about_windows(len(earlier), len(later))),
        n_earlier=len(earlier),
        n_later=len(later),
        residual_earlier=_mean(before),
        residual_later=_mean(after),
        z=z,
        p=None if z is None else normal_two_sided(z),
        brier_earlier=brier(earlier) if earlier else None,
        brier_later=brier(later) if later else None,
        p_brier=welch(_losses(earlier), _losses(later)),
        excess_earlier=_mean(_excesses(earlier)),
        excess_later=_mean(_excesses(later)),
        p_excess=welch(_excesses(earlier), _excesses(later)),
    )


def welch(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Return the two-sided p of equal means with unequal variances (Welch 1947); None without spread."""
    if min(len(one), len(other)) < 2:
        return None
    first, second = _spread(one) / len(one), _spread(other) / len(other)
    if first + second <= 0:
        return None
    t = (_average(one) - _average(other)) / sqrt(first + second)
    # As shares, because the square of a tiny variance would be 0.
    share = first / (first + second)
    degrees = 1 / (share**2 / (len(one) - 1) + (1 - share) ** 2 / (len(other) - 1))
    return student_two_sided(t, degrees)


def _difference(earlier: Sequence[Forecast], later: Sequence[Forecast]) -> float | None:
    spread = sum(_variance(window) / len(window) ** 2 for window in (earlier, later))
    if spread <= 0:
        return None
    return (_average(_residuals(later)) - _average(_residuals(earlier))) / sqrt(spread)


def _variance(forecasts: Sequence[Forecast]) -> float:
    return fsum(f.probability * (1 - f.probability) for f in forecasts)


def _residuals(forecasts: Sequence[Forecast]) -> list[float]:
    return [f.right - f.probability for f in forecasts]


def _losses(forecasts: Sequence[Forecast]) -> list[float]:
    return [(f.probability - f.right) ** 2 for f in forecasts]


def _excesses(forecasts: Sequence[Forecast]) -> list[float]:
    return [(f.probability - f.right) ** 2 - f.probability * (1 - f.probability) for f in forecasts]


def _mean(values: Sequence[float]) -> float | None:
    return _average(values) if values else None


def _average(values: Sequence[float]) -> float:
    return fsum(values) / len(values)


def _spread(values: Sequence[float]) -> float:
    """Return the variance of a sample."""
    mean = _average(values)
    return fsum((value - mean) ** 2 for value in values) / (len(values) - 1)


def _about_windows(earlier: int, later: int) -> str | None:
    if min(earlier, later) >= 30:
        return None
    return f"Only {min(earlier, later)} outcomes in one of the windows."
