"""The report of all statistics of a set of forecasts, for the routes and the terminal.

Promises: three separate parts (scores, calibration, drift), each well under a second for some ten
thousand rows. Leaves to others: the selection of rows, and presentation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from use_cases.kernel.statistics.band_tests import BandVerdict, assess_bands
from use_cases.kernel.statistics.bands import Edges
from use_cases.kernel.statistics.bootstrap import brier_interval
from use_cases.kernel.statistics.calibration_error import CalibrationErrors, calibration_errors
from use_cases.kernel.statistics.change_point import Cusum, RiskAdjusted, cusum, risk_adjusted
from use_cases.kernel.statistics.corp_decomposition import Corp, corp
from use_cases.kernel.statistics.decompositions import Terms, murphy
from use_cases.kernel.statistics.discrimination import auc
from use_cases.kernel.statistics.drift import (
    Period,
    Unit,
    Windows,
    by_period,
    calendar_labels,
    compare_windows,
    split_at,
)
from use_cases.kernel.statistics.figures import (
    Statistic,
    StatisticalResult,
    about_classes,
    cautions,
    counted,
)
from use_cases.kernel.statistics.forecasts import Forecast, sort_by_time
from use_cases.kernel.statistics.recalibration_line import Recalibration, recalibration
from use_cases.kernel.statistics.scores import (
    climatology,
    gap,
    log_loss,
    mean_probability,
    rate,
    skill,
)
from use_cases.kernel.statistics.spiegelhalter_test import Spiegelhalter, spiegelhalter


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
    corp: Corp


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration(StatisticalResult):
    """The calibration: for `/confidence/calibration`."""

    bands: tuple[BandVerdict, ...]
    errors: CalibrationErrors
    spiegelhalter: Spiegelhalter
    recalibration: Recalibration


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift(StatisticalResult):
    """The drift. `periods` is empty where a row has no moment."""

    windows: Windows
    cusum: Cusum
    overconfidence: RiskAdjusted
    underconfidence: RiskAdjusted
    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(StatisticalResult):
    """The three parts together."""

    scores: Scores
    calibration: Calibration
    drift: Drift


def score_report(
    forecasts: Sequence[Forecast],
    *,
    coverage: float | None = None,
    bands: int = 10,
    edges: Edges = "left",
) -> Scores:
    """Compute scores with intervals and decompositions; the Brier interval resamples events."""
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
        corp=corp(forecasts, coverage=coverage),
    )


def calibration_report(
    forecasts: Sequence[Forecast],
    *,
    coverage: float | None = None,
    bands: int = 10,
    edges: Edges = "left",
) -> Calibration:
    """Compute bands with verdicts, errors beside those by chance, and two overall tests."""
    return Calibration(
        n=len(forecasts),
        coverage=coverage,
        warnings=cautions(forecasts, coverage, about_classes(forecasts), _about_events(forecasts)),
        bands=assess_bands(forecasts, bands=bands, edges=edges, coverage=coverage),
        errors=calibration_errors(forecasts, bands=bands, edges=edges, coverage=coverage),
        spiegelhalter=spiegelhalter(forecasts, coverage=coverage),
        recalibration=recalibration(forecasts, coverage=coverage),
    )


def drift_report(
    forecasts: Sequence[Forecast],
    *,
    coverage: float | None = None,
    split: datetime | date | None = None,
    unit: Unit = "month",
) -> Drift:
    """Compute two windows, split at a moment or (None) in the middle, cumulated sums, periods."""
    ordered = sort_by_time(forecasts)
    half = len(ordered) // 2
    earlier, later = split_at(ordered, split) if split else (ordered[:half], ordered[half:])
    dated = all(forecast.at is not None for forecast in ordered)
    periods = by_period(ordered, calendar_labels(ordered, unit), coverage=coverage) if dated else ()
    return Drift(
        n=len(ordered),
        coverage=coverage,
        warnings=cautions(ordered, coverage, _about_events(ordered)),
        windows=compare_windows(earlier, later, coverage=coverage),
        cusum=cusum(ordered, coverage=coverage),
        overconfidence=risk_adjusted(ordered, odds_ratio=0.5, coverage=coverage),
        underconfidence=risk_adjusted(ordered, odds_ratio=2.0, coverage=coverage),
        periods=periods,
    )


def full_report(
    forecasts: Sequence[Forecast],
    *,
    coverage: float | None = None,
    bands: int = 10,
    edges: Edges = "left",
    split: datetime | date | None = None,
    unit: Unit = "month",
) -> Report:
    """Compute all parts. No rows is no error: every figure is then None."""
    return Report(
        n=len(forecasts),
        coverage=coverage,
        warnings=cautions(forecasts, coverage, about_classes(forecasts), _about_events(forecasts)),
        scores=score_report(forecasts, coverage=coverage, bands=bands, edges=edges),
        calibration=calibration_report(forecasts, coverage=coverage, bands=bands, edges=edges),
        drift=drift_report(forecasts, coverage=coverage, split=split, unit=unit),
    )


def _about_events(forecasts: Sequence[Forecast]) -> str | None:
    """Return the warning that tests assume independent rows, which those of one event are not."""
    named = [forecast.event for forecast in forecasts if forecast.event is not None]
    events = len(set(named))
    if events == len(named):
        return None
    return (
        f"{counted(len(named), 'outcome')} belong to {counted(events, 'event')}: tests that take rows for independent "
        "find too much; the interval of the Brier score does not."
    )
