"""Drift: the comparison of two windows.

Promises: a test of the calibration alone, because harder questions worsen a score without any change of
the forecaster; the scores of both windows stand beside it. Leaves to others: the choice of the windows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt

from use_cases.kernel.statistics.distributions import normal_two_sided
from use_cases.kernel.statistics.figures import StatisticalResult, cautions
from use_cases.kernel.statistics.forecast_scores import brier
from use_cases.kernel.statistics.forecasts import Forecast


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows(StatisticalResult):
    """An earlier and a later window; `n` counts both. None: cannot be computed.

    Residuals are y - p: below 0 overconfident. `z` and `p` compare their means.
    """

    n_earlier: int
    n_later: int
    residual_earlier: float | None
    residual_later: float | None
    z: float | None
    p: float | None
    brier_earlier: float | None
    brier_later: float | None


def compare_windows(
    earlier: Sequence[Forecast], later: Sequence[Forecast], *, coverage: float | None = None
) -> Windows:
    """Compute Z = (mean residual later - earlier) / sqrt(V1/n1^2 + V2/n2^2), V = sum p (1 - p).

    Two-sided p by the normal law.
    """
    both = [*earlier, *later]
    z = _difference(earlier, later) if earlier and later else None
    return Windows(
        n=len(both),
        coverage=coverage,
        warnings=cautions(both, coverage, _about_windows(len(earlier), len(later))),
        n_earlier=len(earlier),
        n_later=len(later),
        residual_earlier=_residual(earlier),
        residual_later=_residual(later),
        z=z,
        p=None if z is None else normal_two_sided(z),
        brier_earlier=brier(earlier) if earlier else None,
        brier_later=brier(later) if later else None,
    )


def _difference(earlier: Sequence[Forecast], later: Sequence[Forecast]) -> float | None:
    spread = sum(_variance(window) / len(window) ** 2 for window in (earlier, later))
    if spread <= 0:
        return None
    return ((_residual(later) or 0.0) - (_residual(earlier) or 0.0)) / sqrt(spread)


def _variance(forecasts: Sequence[Forecast]) -> float:
    return fsum(f.probability * (1 - f.probability) for f in forecasts)


def _residual(forecasts: Sequence[Forecast]) -> float | None:
    return fsum(f.right - f.probability for f in forecasts) / len(forecasts) if forecasts else None


def _about_windows(earlier: int, later: int) -> str | None:
    if min(earlier, later) >= 30:
        return None
    return f"Only {min(earlier, later)} outcomes in one of the windows."
