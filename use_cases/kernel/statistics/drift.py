"""Drift: the comparison of two windows, and a table by period.

Promises: drift of calibration and drift of score are separate, because harder questions worsen a
score without any change of the forecaster. Leaves to others: the moment of a change
(`change_point.py`), and the choice of the windows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import fsum, sqrt
from typing import Literal, TypeAlias

from use_cases.kernel.statistics.distributions import normal_two_sided, student_two_sided
from use_cases.kernel.statistics.errors import ForecastInvalid, StatisticsOptionInvalid
from use_cases.kernel.statistics.figures import StatisticalResult, cautions
from use_cases.kernel.statistics.forecasts import Forecast, moment
from use_cases.kernel.statistics.scores import brier, right_share

Unit: TypeAlias = Literal["day", "week", "month", "year"]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Period(StatisticalResult):
    """The figures of one period; `z` is (sum y - sum p) / sqrt(sum p (1 - p))."""

    period: str
    mean: float
    rate: float
    brier: float
    z: float | None


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


def split_at(
    forecasts: Sequence[Forecast], at: datetime | date
) -> tuple[list[Forecast], list[Forecast]]:
    """Split the rows into those before this moment, and from it on; every row needs a moment."""
    earlier: list[Forecast] = []
    later: list[Forecast] = []
    for forecast in forecasts:
        (later if _moment_of(forecast) >= moment(at) else earlier).append(forecast)
    return earlier, later


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


def by_period(
    forecasts: Sequence[Forecast], labels: Sequence[str], *, coverage: float | None = None
) -> tuple[Period, ...]:
    """Return a period for each label (a season, a month), in order; labels are parallel to rows."""
    if len(labels) != len(forecasts):
        raise StatisticsOptionInvalid(
            f"{len(labels)} labels for {len(forecasts)} forecasts.", hint="Give each row one label."
        )
    grouped: dict[str, list[Forecast]] = {}
    for forecast, label in zip(forecasts, labels, strict=True):
        grouped.setdefault(label, []).append(forecast)
    return tuple(_period(label, grouped[label], coverage) for label in sorted(grouped))


def calendar_labels(forecasts: Sequence[Forecast], unit: Unit = "month") -> list[str]:
    """Return day (2026-03-09), ISO week (2026-W11), month (2026-03) or year of each row, in its zone."""
    return [_calendar(forecast, unit) for forecast in forecasts]


def _calendar(forecast: Forecast, unit: Unit) -> str:
    at = _moment_of(forecast)
    if unit == "week":
        year, week, _ = at.isocalendar()
        return f"{year}-W{week:02d}"
    return at.date().isoformat()[: {"day": 10, "month": 7, "year": 4}[unit]]


def _moment_of(forecast: Forecast) -> datetime:
    if forecast.at is None:
        raise ForecastInvalid("A forecast without a moment belongs to no period.")
    return moment(forecast.at)


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


def _period(label: str, rows: Sequence[Forecast], coverage: float | None) -> Period:
    spread = _variance(rows)
    return Period(
        n=len(rows),
        coverage=coverage,
        warnings=cautions(rows, coverage),
        period=label,
        mean=fsum(row.probability for row in rows) / len(rows),
        rate=right_share(rows),
        brier=brier(rows),
        z=fsum(_residuals(rows)) / sqrt(spread) if spread > 0 else None,
    )
