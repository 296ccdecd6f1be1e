"""The reports themselves, as pure functions of rows.

Promises: no rows, one class, certainty that failed: figures are None or warned about, never an error
and never a 0 that means "unknown". Leaves to others: reading the rows (`use_cases/advice/reports.py`).
"""

from collections.abc import Iterable, Sequence
from math import fsum

from use_cases.advice.model import Scored
from use_cases.advice.reporting.model import (
    BrierReport,
    CalibrationReport,
    ConfidenceStats,
    Dimension,
    Part,
    ReportWish,
    Window,
)
from use_cases.advice.reporting.rows import confidence, counts, forecasts
from use_cases.advice.statistics.bands import banded
from use_cases.advice.statistics.discrimination import auc
from use_cases.advice.statistics.intervals import brier_interval
from use_cases.advice.statistics.report import calibration_report, drift_report, score_report
from use_cases.advice.statistics.scores import mean_probability, rate


def stats(rows: Sequence[Scored], wish: ReportWish, about: Window) -> ConfidenceStats:
    """Totals, scores, bands, and the same by model, prompt version, web search and profile."""
    known = forecasts(rows, wish.which)
    coverage = about.counts.coverage
    scores = score_report(known, coverage=coverage, bands=wish.bands, edges=wish.edges)
    shown = [confidence(row, wish.which) for row in rows]
    return ConfidenceStats(
        window=about,
        average_confidence=fsum(shown) / len(shown) if shown else None,
        scores=scores,
        bands=banded(known, bands=wish.bands, edges=wish.edges, coverage=coverage),
        breakdown=tuple(breakdown(rows, wish)),
        last_updated=max(
            (moment for row in rows for moment in (row.created_at, row.feedback_at) if moment),
            default=None,
        ),
        warnings=warnings(scores.warnings, scores.brier.warnings, scores.auc.warnings),
    )


def brier(rows: Sequence[Scored], wish: ReportWish, about: Window) -> BrierReport:
    """The score, its parts, and bands for a diagram."""
    known = forecasts(rows, wish.which)
    coverage = about.counts.coverage
    scores = score_report(known, coverage=coverage, bands=wish.bands, edges=wish.edges)
    return BrierReport(
        window=about,
        scores=scores,
        bands=banded(known, bands=wish.bands, edges=wish.edges, coverage=coverage),
        warnings=warnings(scores.warnings, scores.brier.warnings, scores.log_loss.warnings),
    )


def calibration(rows: Sequence[Scored], wish: ReportWish, about: Window) -> CalibrationReport:
    """Whether confidence means what it says, and whether that changed."""
    known = forecasts(rows, wish.which)
    coverage = about.counts.coverage
    scores = score_report(known, coverage=coverage, bands=wish.bands, edges=wish.edges)
    calibrated = calibration_report(known, coverage=coverage, bands=wish.bands, edges=wish.edges)
    drift = drift_report(known, coverage=coverage, split=wish.split, unit=wish.unit)
    return CalibrationReport(
        window=about,
        scores=scores,
        calibration=calibrated,
        drift=drift,
        warnings=warnings(
            calibrated.warnings,
            calibrated.errors.warnings,
            calibrated.spiegelhalter.warnings,
            drift.windows.warnings,
        ),
    )


def breakdown(rows: Sequence[Scored], wish: ReportWish) -> Iterable[Part]:
    """Each dimension's values in order; the parts of a dimension add up to the whole."""
    for dimension in Dimension:
        grouped: dict[str, list[Scored]] = {}
        for row in rows:
            grouped.setdefault(_value(row, dimension), []).append(row)
        for value in sorted(grouped):
            yield _part(dimension, value, grouped[value], wish)


def warnings(*several: Sequence[str]) -> tuple[str, ...]:
    """All of them, each once, in order."""
    return tuple(dict.fromkeys(text for each in several for text in each))


def _value(row: Scored, dimension: Dimension) -> str:
    if dimension is Dimension.WEB_SEARCH_USED:
        return "true" if row.web_search_used else "false"
    return {
        Dimension.MODEL: row.model,
        Dimension.PROMPT_VERSION: row.prompt_version,
        Dimension.PROFILE: row.profile,
    }[dimension]


def _part(dimension: Dimension, value: str, rows: Sequence[Scored], wish: ReportWish) -> Part:
    known, counted = forecasts(rows, wish.which), counts(rows)
    coverage = counted.coverage
    return Part(
        dimension=dimension,
        value=value,
        counts=counted,
        average_confidence=mean_probability(known, coverage=coverage),
        observed_accuracy=rate(known, coverage=coverage),
        brier=brier_interval(known, coverage=coverage),
        auc=auc(known, coverage=coverage),
    )
