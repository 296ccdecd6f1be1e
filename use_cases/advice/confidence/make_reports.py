"""The reports themselves, as pure functions of rows.

Promises: no rows, one class, certainty that failed: figures are None or carry a warning, never an
error and never a 0 for "unknown". Leaves to others: reading the rows
(`use_cases/advice/confidence/reports.py`).
"""

from collections.abc import Iterable, Sequence
from math import fsum

from use_cases.advice.confidence.breakdowns import breakdown
from use_cases.advice.confidence.report_model import (
    BrierReport,
    CalibrationReport,
    ConfidenceStats,
    ReportRequest,
    Window,
)
from use_cases.advice.confidence.report_rows import confidence, forecasts
from use_cases.advice.model import Scored
from use_cases.advice.profile import CERTAIN
from use_cases.kernel.statistics.bands import make_bands
from use_cases.kernel.statistics.report import calibration_report, drift_report, score_report


def stats(rows: Sequence[Scored], request: ReportRequest, about: Window) -> ConfidenceStats:
    """Return totals, scores, bands, and the same by model, prompt version, web search and profile."""
    known = forecasts(rows, request.which)
    coverage = about.counts.coverage
    scores = score_report(known, coverage=coverage, bands=request.bands, edges=request.edges)
    shown = [confidence(row, request.which) / CERTAIN for row in rows]
    return ConfidenceStats(
        window=about,
        average_confidence=fsum(shown) / len(shown) if shown else None,
        scores=scores,
        bands=make_bands(known, bands=request.bands, edges=request.edges, coverage=coverage),
        breakdown=tuple(breakdown(rows, request.which)),
        last_updated=max(
            (moment for row in rows for moment in (row.created_at, row.feedback_at) if moment),
            default=None,
        ),
        warnings=warnings(scores.warnings, scores.brier.warnings, scores.auc.warnings),
    )


def brier(rows: Sequence[Scored], request: ReportRequest, about: Window) -> BrierReport:
    """Return the score, its parts, and bands for a diagram."""
    known = forecasts(rows, request.which)
    coverage = about.counts.coverage
    scores = score_report(known, coverage=coverage, bands=request.bands, edges=request.edges)
    return BrierReport(
        window=about,
        scores=scores,
        bands=make_bands(known, bands=request.bands, edges=request.edges, coverage=coverage),
        warnings=warnings(scores.warnings, scores.brier.warnings, scores.log_loss.warnings),
    )


def calibration(rows: Sequence[Scored], request: ReportRequest, about: Window) -> CalibrationReport:
    """Return the calibration of confidence, and its drift over time."""
    known = forecasts(rows, request.which)
    coverage = about.counts.coverage
    scores = score_report(known, coverage=coverage, bands=request.bands, edges=request.edges)
    calibrated = calibration_report(
        known, coverage=coverage, bands=request.bands, edges=request.edges
    )
    drift = drift_report(known, coverage=coverage, split=request.split, unit=request.unit)
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


def warnings(*several: Iterable[str]) -> tuple[str, ...]:
    """Return all warnings, each once, in order."""
    return tuple(dict.fromkeys(text for each in several for text in each))
