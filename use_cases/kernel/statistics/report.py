"""The report of all statistics of a set of forecasts, for the routes and the terminal.

Promises: three separate parts (scores, calibration, drift), each well under a second for some ten
thousand rows; drift is tested by the calibration alone, because harder questions worsen a score without
any change of the forecaster, and the scores of both windows stand beside it. Leaves to others: the
selection of rows, and presentation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt

from use_cases.kernel.statistics.bands import BandVerdict, Edges, assess_bands
from use_cases.kernel.statistics.calibration_error import (
    CalibrationErrors,
    Recalibration,
    calibration_errors,
    recalibration,
)
from use_cases.kernel.statistics.distributions import normal_two_sided
from use_cases.kernel.statistics.figures import (
    Forecast,
    Statistic,
    StatisticalResult,
    about_classes,
    cautions,
    counted,
    sort_by_time,
)
from use_cases.kernel.statistics.forecast_scores import (
    Terms,
    auc,
    brier,
    brier_interval,
    climatology,
    gap,
    log_loss,
    mean_probability,
    murphy,
    rate,
    skill,
)


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
    """Computes Z = (mean residual later - earlier) / sqrt(V1/n1^2 + V2/n2^2), V = sum p (1 - p).

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores(StatisticalResult):
    """The scores and their decompositions: for `/confidence/stats` and `/confidence/brier-score`."""

    mean_probability: Statistic
    rate: Statistic
    gap: Statistic
    brier: Statistic
    log_loss: Statistic
    climatology: Statistic
    skill: Statistic
    auc: Statistic
    murphy: Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration(StatisticalResult):
    """The calibration: for `/confidence/calibration`."""

    bands: tuple[BandVerdict, ...]
    errors: CalibrationErrors
    recalibration: Recalibration


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift(StatisticalResult):
    """The drift between the earlier and the later half of the rows."""

    windows: Windows


def score_report(
    forecasts: Sequence[Forecast],
    *,
    coverage: float | None = None,
    bands: int = 10,
    edges: Edges = "left",
) -> Scores:
    """Computes scores with intervals and decompositions; the Brier interval resamples events."""
    return Scores(
        n=len(forecasts),
        coverage=coverage,
        warnings=cautions(forecasts, coverage, about_classes(forecasts)),
        mean_probability=mean_probability(forecasts, coverage=coverage),
        rate=rate(forecasts, coverage=coverage),
        gap=gap(forecasts, coverage=coverage),
        brier=brier_interval(forecasts, coverage=coverage),
        log_loss=log_loss(forecasts, coverage=coverage),
        climatology=climatology(forecasts, coverage=coverage),
        skill=skill(forecasts, coverage=coverage),
        auc=auc(forecasts, coverage=coverage),
        murphy=murphy(forecasts, bands=bands, edges=edges, coverage=coverage),
    )


def calibration_report(
    forecasts: Sequence[Forecast],
    *,
    coverage: float | None = None,
    bands: int = 10,
    edges: Edges = "left",
) -> Calibration:
    """Computes bands with verdicts, errors beside those by chance, and the line over all."""
    return Calibration(
        n=len(forecasts),
        coverage=coverage,
        warnings=cautions(forecasts, coverage, about_classes(forecasts), _about_events(forecasts)),
        bands=assess_bands(forecasts, bands=bands, edges=edges, coverage=coverage),
        errors=calibration_errors(forecasts, bands=bands, edges=edges, coverage=coverage),
        recalibration=recalibration(forecasts, coverage=coverage),
    )


def drift_report(forecasts: Sequence[Forecast], *, coverage: float | None = None) -> Drift:
    """Compares the earlier half of the rows with the later one."""
    ordered = sort_by_time(forecasts)
    half = len(ordered) // 2
    return Drift(
        n=len(ordered),
        coverage=coverage,
        warnings=cautions(ordered, coverage, _about_events(ordered)),
        windows=compare_windows(ordered[:half], ordered[half:], coverage=coverage),
    )


def _about_events(forecasts: Sequence[Forecast]) -> str | None:
    """Returns the warning that tests assume independent rows, which those of one event are not."""
    named = [forecast.event for forecast in forecasts if forecast.event is not None]
    events = len(set(named))
    if events == len(named):
        return None
    return (
        f"{counted(len(named), 'outcome')} belong to {counted(events, 'event')}: tests that take rows for independent "
        "find too much; the interval of the Brier score does not."
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
