"""The report of all statistics of a set of forecasts, for the routes and the terminal.

Promises: three separate parts (scores, calibration, drift), each well under a second for some ten
thousand rows. Leaves to others: the selection of rows, and presentation.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from use_cases.kernel.statistics.bands import BandVerdict, Edges, assess_bands
from use_cases.kernel.statistics.calibration_error import CalibrationErrors, calibration_errors
from use_cases.kernel.statistics.drift import Windows, compare_windows
from use_cases.kernel.statistics.figures import (
    Statistic,
    StatisticalResult,
    about_classes,
    cautions,
    counted,
)
from use_cases.kernel.statistics.forecast_scores import (
    Terms,
    auc,
    brier_interval,
    climatology,
    gap,
    log_loss,
    mean_probability,
    murphy,
    rate,
    skill,
)
from use_cases.kernel.statistics.forecasts import Forecast, sort_by_time
from use_cases.kernel.statistics.recalibration_line import Recalibration, recalibration


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
    )


def calibration_report(
    forecasts: Sequence[Forecast],
    *,
    coverage: float | None = None,
    bands: int = 10,
    edges: Edges = "left",
) -> Calibration:
    """Compute bands with verdicts, errors beside those by chance, and the line over all."""
    return Calibration(
        n=len(forecasts),
        coverage=coverage,
        warnings=cautions(forecasts, coverage, about_classes(forecasts), _about_events(forecasts)),
        bands=assess_bands(forecasts, bands=bands, edges=edges, coverage=coverage),
        errors=calibration_errors(forecasts, bands=bands, edges=edges, coverage=coverage),
        recalibration=recalibration(forecasts, coverage=coverage),
    )


def drift_report(forecasts: Sequence[Forecast], *, coverage: float | None = None) -> Drift:
    """Compare the earlier half of the rows with the later one."""
    ordered = sort_by_time(forecasts)
    half = len(ordered) // 2
    return Drift(
        n=len(ordered),
        coverage=coverage,
        warnings=cautions(ordered, coverage, _about_events(ordered)),
        windows=compare_windows(ordered[:half], ordered[half:], coverage=coverage),
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
