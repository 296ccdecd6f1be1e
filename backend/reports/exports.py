"""The forms in which the cells of an evaluation leave Candor: CSV, JSON, JSONL, JUnit XML, and the page.

Promises: valid UTF-8 for any output of a model; numbers that JSON lacks are null; lines of CSV end in
CR LF (RFC 4180), and a spreadsheet takes no text for a formula (OWASP, "CSV Injection"): it has an
apostrophe before it. JUnit XML is well-formed XML 1.0 for any text, with the elements of the Ant task
that the format comes from: one `testsuite` a variant and one `testcase` a cell, times in seconds; a failed
check is a `failure`, a check or a call that could not be done an `error`, a cell without a check
`skipped`; the counts are those of the cells that follow.
"""

import csv
import json
import re
import zlib
from collections.abc import (
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from io import StringIO
from math import isfinite
from typing import TypeAlias, TypeVar
from xml.sax.saxutils import escape, quoteattr

from pydantic import JsonValue, TypeAdapter

from backend.reports.case_rows import Form, verdict_of
from backend.reports.evaluation_page import EvaluationPage
from use_cases.kernel.targets import TargetOutput
from use_cases.kernel.text.plain_text import storable, whole
from use_cases.playground.evaluations.judge_calibration import JudgeCalibration
from use_cases.playground.model import (
    AssertionResult,
    Case,
    Cell,
    EvaluationSummary,
    Redaction,
    Verdict,
)
from use_cases.playground.share_reports import WHOLE, redact_cell, redact_summary

Shape = TypeVar("Shape")
CsvValue: TypeAlias = str | int | float | None

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_HIDDEN = {
    "run": {
        **dict.fromkeys(("user_id", "kind", "name", "total", "planned", "cancelled", "tick"), True),
        "spec": {"cases", "compares", "key_id", "local_checks"},
    }
}


@cache
def _adapter(kind: type[Shape]) -> TypeAdapter[Shape]:
    """Returns what writes values of a kind; built by the first export, not by each command that knows of them."""
    return TypeAdapter(kind)


@dataclass(frozen=True, slots=True)
class CsvExport(Form):
    """A form with one row a cell, `variables` and `expected` as JSON. `with_bom`: as Excel recognizes UTF-8.

    Lines end in CR LF (RFC 4180): a file is opened with `newline=""`. A text that a spreadsheet would
    take for a formula has an apostrophe before it.
    """

    summary: EvaluationSummary
    redaction: Redaction = WHOLE
    with_bom: bool = False

    def begin(self) -> Iterator[str]:
        """Yields the header."""
        metrics = [f"{part}: {name}" for name in self._metrics() for part in ("verdict", "score")]
        yield "\ufeff" * self.with_bom + csv_line([*COLUMNS, *metrics])

    def add(self, cell: Cell) -> Iterator[str]:
        """Yields the row of a cell."""
        shown = redact_cell(cell, self.redaction)
        yield csv_line([*(read(shown) for read in COLUMNS.values()), *self._results(shown)])

    def _metrics(self) -> Sequence[str]:
        return list(
            dict.fromkeys(metric.name for total in self.summary.totals for metric in total.metrics)
        )

    def _results(self, cell: Cell) -> Iterator[CsvValue]:
        found: dict[str, AssertionResult] = {}
        for result in cell.grade.results if cell.grade else ():
            found.setdefault(result.name, result)
        for name in self._metrics():
            result = found.get(name)
            yield result and result.verdict.value
            yield result and result.score


@dataclass(frozen=True, slots=True)
class JsonlExport(Form):
    """A form with one JSON object a cell and line."""

    redaction: Redaction = WHOLE

    def add(self, cell: Cell) -> Iterator[str]:
        """Yields the line of a cell."""
        yield (
            _json(
                _adapter(Cell).dump_python(
                    redact_cell(cell, self.redaction), mode="json", by_alias=True
                )
            )
            + "\n"
        )


class JsonExport(Form):
    """A form as one JSON object: `summary`, and all `cells`. It does not name who ran the evaluation."""

    def __init__(self, summary: EvaluationSummary, redaction: Redaction = WHOLE) -> None:
        self._redaction = redaction
        self._summary = redact_summary(summary, self._redaction)
        self._between = "\n"

    def begin(self) -> Iterator[str]:
        """Yields the summary and the beginning of the list."""
        summary = _adapter(EvaluationSummary).dump_python(
            self._summary, mode="json", by_alias=True, exclude=_HIDDEN
        )
        run = summary["run"]
        run |= run.pop("spec")
        run["run_id"], run["cost_usd"] = run.pop("job_id"), float(run.pop("spent"))
        run["budget"] = run["budget"] and float(run["budget"])
        yield f'{{"summary": {_json(summary)},\n"cells": ['

    def add(self, cell: Cell) -> Iterator[str]:
        """Yields one element of the list."""
        shown = _adapter(Cell).dump_python(
            redact_cell(cell, self._redaction), mode="json", by_alias=True
        )
        yield self._between + _json(shown)
        self._between = ",\n"

    def end(self) -> Iterator[str]:
        """Yields the end of the object."""
        yield "\n]}\n"


def csv_line(values: Iterable[CsvValue]) -> str:
    """Returns one line with its end."""
    line = StringIO()
    csv.writer(line).writerow(map(_inert, values))
    return line.getvalue()


def _inert(value: CsvValue) -> CsvValue:
    if not isinstance(value, str):
        return value
    text = storable(whole(value))
    return f"'{text}" if text.startswith(_FORMULA) else text


def _output(field: Callable[[TargetOutput], CsvValue]) -> Callable[[Cell], CsvValue]:
    return lambda cell: field(cell.output) if cell.output else None


def _inputs(field: Callable[[Case], CsvValue]) -> Callable[[Cell], CsvValue]:
    return lambda cell: field(cell.inputs) if cell.inputs else None


def _judge_cost(cell: Cell) -> str | None:
    results = cell.grade.results if cell.grade else ()
    costs = [result.cost for result in results if result.cost is not None]
    return f"{sum(costs):f}" if costs else None


COLUMNS: Mapping[str, Callable[[Cell], CsvValue]] = {
    "case": lambda cell: cell.case,
    "description": _inputs(lambda case: case.description),
    "variant": lambda cell: cell.variant,
    "repeat": lambda cell: cell.repeat,
    "verdict": lambda cell: verdict_of(cell).value,
    "score": lambda cell: cell.grade and cell.grade.score,
    "output": _output(lambda output: output.text),
    "reason": lambda cell: cell.grade and cell.grade.reason,
    "error": lambda cell: cell.error,
    "expected": _inputs(lambda case: None if case.expected is None else _json(case.expected)),
    "variables": _inputs(lambda case: _json(dict(case.variables)) if case.variables else None),
    "model": _output(lambda output: output.model),
    "prompt_version": _output(lambda output: output.prompt_version),
    "latency_ms": _output(lambda output: output.latency_ms),
    "prompt_tokens": _output(lambda output: output.input_tokens),
    "completion_tokens": _output(lambda output: output.output_tokens),
    "cost_usd": _output(lambda output: None if output.cost is None else f"{output.cost:f}"),
    "judge_cost_usd": _judge_cost,
    "cached": _output(lambda output: str(output.cached).lower()),
    "outcome": _output(lambda output: output.outcome and output.outcome.value),
    "choice": _output(lambda output: output.choice),
    "confidence": _output(lambda output: output.confidence),
    "finished_at": lambda cell: cell.finished_at and cell.finished_at.isoformat(),
}
"""The columns of every CSV file; `verdict: NAME` and `score: NAME` of each metric follow."""


def _json(value: JsonValue) -> str:
    return json.dumps(_valid(value), ensure_ascii=False, allow_nan=False)


def _valid(value: JsonValue) -> JsonValue:
    """Returns the value without what JSON in UTF-8 cannot hold."""
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, list):
        return [_valid(item) for item in value]
    if isinstance(value, dict):
        return {whole(name): _valid(item) for name, item in value.items()}
    return value


_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MOST = 4_000


class _Suite:
    """The cells of one variant, compressed until it is their turn, and their counts."""

    def __init__(self) -> None:
        self.verdicts = dict.fromkeys(Verdict, 0)
        self.milliseconds = 0
        self._texts: list[bytes] = []

    def add(self, cell: Cell, text: str) -> None:
        """Keeps the text of a cell."""
        self.verdicts[verdict_of(cell)] += 1
        self.milliseconds += _milliseconds(cell)
        self._texts.append(zlib.compress(text.encode(), 1))

    def texts(self) -> Iterator[str]:
        """Yields what was kept."""
        for compressed in self._texts:
            yield zlib.decompress(compressed).decode()


class JUnitExport(Form):
    """The form of an evaluation as JUnit XML. Cells come by case and leave by variant."""

    def __init__(self, summary: EvaluationSummary, redaction: Redaction = WHOLE) -> None:
        self._name = summary.run.spec.plan.name
        self._redaction = redaction
        self._suites = {variant.name: _Suite() for variant in summary.run.spec.plan.variants}

    def begin(self) -> Iterator[str]:
        """Yields the beginning of the document."""
        yield '<?xml version="1.0" encoding="UTF-8"?>\n'
        yield f"<testsuites name={_attribute(self._name)}>\n"

    def add(self, cell: Cell) -> Iterator[str]:
        """Keeps the cell for its suite."""
        self._suites[cell.variant].add(cell, _test_case(redact_cell(cell, self._redaction)))
        yield from ()

    def end(self) -> Iterator[str]:
        """Yields every suite, and the end of the document."""
        for name, suite in self._suites.items():
            counts = suite.verdicts
            yield (
                f'<testsuite name={_attribute(name)} tests="{sum(counts.values())}" '
                f'failures="{counts[Verdict.FAILED]}" errors="{counts[Verdict.ERROR]}" '
                f'skipped="{counts[Verdict.UNCHECKED]}" time="{suite.milliseconds / 1000:.3f}">\n'
            )
            yield from suite.texts()
            yield "</testsuite>\n"
        yield "</testsuites>\n"


def _test_case(cell: Cell) -> str:
    case = cell.inputs.name if cell.inputs else cell.case
    name = case if case == cell.case else f"{case[:200]} ({cell.case[:40]})"
    name = f"{name} #{cell.repeat + 1}" if cell.repeat else name
    opened = (
        f"<testcase classname={_attribute(cell.variant)} name={_attribute(name)} "
        f'time="{_milliseconds(cell) / 1000:.3f}"'
    )
    found = _finding(cell)
    return f"{opened}>{found}</testcase>\n" if found else f"{opened}/>\n"


def _finding(cell: Cell) -> str:
    verdict = verdict_of(cell)
    if verdict is Verdict.PASSED:
        return ""
    if verdict is Verdict.UNCHECKED:
        return '<skipped message="nothing to check"/>'
    element = "error" if verdict is Verdict.ERROR else "failure"
    reasons = [
        f"{result.name}: {result.reason}"
        for result in (cell.grade.results if cell.grade else ())
        if result.verdict is verdict and cell.error is None
    ]
    message = cell.error or (cell.grade.reason if cell.grade else "") or verdict.value
    kind = cell.error.partition(":")[0] if cell.error else _first_type(cell, verdict)
    body = "\n".join(reasons)[:_MOST]
    return (
        f"<{element} message={_attribute(message[:_MOST])} type={_attribute(kind)}>"
        f"{escape(_clean(body))}</{element}>"
    )


def _first_type(cell: Cell, verdict: Verdict) -> str:
    results = cell.grade.results if cell.grade else ()
    return next((one.code or one.type for one in results if one.verdict is verdict), verdict.value)


def _milliseconds(cell: Cell) -> int:
    return (cell.output.latency_ms or 0) if cell.output else 0


def _attribute(text: str) -> str:
    return quoteattr(_clean(text), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _clean(text: str) -> str:
    """Returns the text without the characters that XML 1.0 forbids (section 2.2)."""
    return _FORBIDDEN.sub("", whole(text))


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
    summary: EvaluationSummary,
    redaction: Redaction = WHOLE,
    calibrations: Sequence[JudgeCalibration] = (),
) -> Form:
    """Returns the form of a format; the page shows the calibrations of judges."""
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
