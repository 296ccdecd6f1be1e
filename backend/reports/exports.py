"""Exports of an evaluation's cells as CSV, JSON and JSONL.

Promises: one cell at a time; valid UTF-8 for any output of a model; numbers that JSON lacks are null;
a spreadsheet takes no text for a formula (OWASP, "CSV Injection").
"""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TypeAlias

from pydantic import JsonValue, TypeAdapter

from backend.reports.case_rows import verdict_of
from use_cases.kernel.text.storable_text import storable, whole
from use_cases.playground.model import AssertionResult, Cell, Redaction, Summary
from use_cases.playground.redaction import WHOLE, redact_cell, redact_summary

_CELL: TypeAdapter[Cell] = TypeAdapter(Cell)
_SUMMARY: TypeAdapter[Summary] = TypeAdapter(Summary)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_HIDDEN = {"run": {"user_id"}}
_Value: TypeAlias = str | int | float | None

COLUMNS = (
    "case",
    "description",
    "variant",
    "repeat",
    "verdict",
    "score",
    "output",
    "reason",
    "error",
    "expected",
    "variables",
    "model",
    "prompt_version",
    "latency_ms",
    "input_tokens",
    "output_tokens",
    "cost",
    "judge_cost",
    "cached",
    "outcome",
    "choice",
    "confidence",
    "finished_at",
)
"""The columns of every CSV file; `verdict: NAME` and `score: NAME` of each metric follow."""


@dataclass(frozen=True, slots=True)
class CsvExport:
    """One row a cell, `variables` and `expected` as JSON. `with_bom`: as Excel recognizes UTF-8.

    Lines end in CR LF (RFC 4180): a file is opened with `newline=""`. A text that a spreadsheet would take for a formula has an apostrophe before it.
    """

    summary: Summary
    redaction: Redaction = WHOLE
    with_bom: bool = False

    def begin(self) -> Iterator[str]:
        """Yield the header."""
        metrics = [f"{part}: {name}" for name in self._metrics() for part in ("verdict", "score")]
        yield "\ufeff" * self.with_bom + _csv_line([*COLUMNS, *metrics])

    def add(self, cell: Cell) -> Iterator[str]:
        """Yield the row of a cell."""
        shown = redact_cell(cell, self.redaction)
        yield _csv_line([*_columns(shown), *self._results(shown)])

    def end(self) -> Iterator[str]:
        """Yield nothing."""
        yield from ()

    def _metrics(self) -> Sequence[str]:
        return list(
            dict.fromkeys(metric.name for total in self.summary.totals for metric in total.metrics)
        )

    def _results(self, cell: Cell) -> Iterator[_Value]:
        found: dict[str, AssertionResult] = {}
        for result in cell.grade.results if cell.grade else ():
            found.setdefault(result.name, result)
        for name in self._metrics():
            result = found.get(name)
            yield result and result.verdict.value
            yield result and result.score


@dataclass(frozen=True, slots=True)
class JsonlExport:
    """One JSON object a cell and line."""

    redaction: Redaction = WHOLE

    def begin(self) -> Iterator[str]:
        """Yield nothing."""
        yield from ()

    def add(self, cell: Cell) -> Iterator[str]:
        """Yield the line of a cell."""
        yield _json(_CELL.dump_python(redact_cell(cell, self.redaction), mode="json")) + "\n"

    def end(self) -> Iterator[str]:
        """Yield nothing."""
        yield from ()


class JsonExport:
    """One JSON object: `summary`, and all `cells`. It does not name who ran the evaluation."""

    def __init__(self, summary: Summary, redaction: Redaction = WHOLE) -> None:
        self._redaction = redaction
        self._summary = redact_summary(summary, self._redaction)
        self._between = "\n"

    def begin(self) -> Iterator[str]:
        """Yield the summary and the beginning of the list."""
        summary = _SUMMARY.dump_python(self._summary, mode="json", exclude=_HIDDEN)
        yield f'{{"summary": {_json(summary)},\n"cells": ['

    def add(self, cell: Cell) -> Iterator[str]:
        """Yield one element of the list."""
        shown = _CELL.dump_python(redact_cell(cell, self._redaction), mode="json")
        yield self._between + _json(shown)
        self._between = ",\n"

    def end(self) -> Iterator[str]:
        """Yield the end of the object."""
        yield "\n]}\n"


def _columns(cell: Cell) -> Iterator[_Value]:
    grade, output, inputs = cell.grade, cell.output, cell.inputs
    yield from (cell.case, inputs.description if inputs else None, cell.variant, cell.repeat)
    yield from (verdict_of(cell).value, grade and grade.score, output and output.text)
    yield from (grade.reason if grade else None, cell.error)
    yield None if inputs is None or inputs.expected is None else _json(inputs.expected)
    yield _json(dict(inputs.variables)) if inputs and inputs.variables else None
    if output is None:
        yield from [None] * 6
    else:
        yield from (output.model, output.prompt_version, output.latency_ms)
        yield from (output.input_tokens, output.output_tokens)
        yield None if output.cost is None else f"{output.cost:f}"
    costs = [result.cost for result in (grade.results if grade else ()) if result.cost is not None]
    yield f"{sum(costs):f}" if costs else None
    yield None if output is None else str(output.cached).lower()
    yield output.outcome.value if output and output.outcome else None
    yield output and output.choice
    yield output and output.confidence
    yield cell.finished_at.isoformat() if cell.finished_at else None


class _Line:
    """Keeps what a csv writer writes."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text = text


def _csv_line(values: Sequence[_Value]) -> str:
    line = _Line()
    csv.writer(line).writerow([_inert(value) for value in values])
    return line.text


def _inert(value: _Value) -> _Value:
    if not isinstance(value, str):
        return value
    text = storable(whole(value))
    return f"'{text}" if text.startswith(_FORMULA) else text


def _json(value: JsonValue) -> str:
    return json.dumps(_valid(value), ensure_ascii=False, allow_nan=False)


def _valid(value: JsonValue) -> JsonValue:
    """Return the value without what JSON in UTF-8 cannot hold."""
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, list):
        return [_valid(item) for item in value]
    if isinstance(value, dict):
        return {whole(name): _valid(item) for name, item in value.items()}
    return value
