"""The formats of an evaluation's export by name, for every door."""

from collections.abc import Sequence
from enum import StrEnum

from backend.reports.evaluation_page import EvaluationPage
from backend.reports.exports import CsvExport, Form, JsonExport, JsonlExport
from backend.reports.junit import JUnitExport
from use_cases.playground.labelling.calibration import JudgeCalibration
from use_cases.playground.model import Redaction, Summary
from use_cases.playground.redaction import WHOLE


class ExportFormat(StrEnum):
    """A format, by the name that a request gives it."""

    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"
    JUNIT = "junit"
    HTML = "html"


MEDIA_TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8; header=present",
    ExportFormat.JSON: "application/json",
    ExportFormat.JSONL: "application/x-ndjson",
    ExportFormat.JUNIT: "application/xml",
    ExportFormat.HTML: "text/html; charset=utf-8",
}

SUFFIXES = {each: "xml" if each is ExportFormat.JUNIT else each.value for each in ExportFormat}
"""The last part of a file's name."""


def export_form(
    format: ExportFormat,  # noqa: A002  (its name on the wire)
    summary: Summary,
    redaction: Redaction = WHOLE,
    calibrations: Sequence[JudgeCalibration] = (),
) -> Form:
    """Return the form of a format; the page shows the calibrations of judges."""
    match format:
        case ExportFormat.CSV:
            return CsvExport(summary, redaction)
        case ExportFormat.JSON:
            return JsonExport(summary, redaction)
        case ExportFormat.JSONL:
            return JsonlExport(redaction)
        case ExportFormat.JUNIT:
            return JUnitExport(summary, redaction)
        case ExportFormat.HTML:
            return EvaluationPage(summary, redaction, calibrations)
