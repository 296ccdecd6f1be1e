"""The forms in which the cells of an evaluation leave Candor; here CSV, JSON and JSONL.

A door writes what `begin` gives, what `add` gives for each cell, and what `end` gives, so the cells
may come from a list or from a database, and no form needs memory for all of them.

Promises: valid UTF-8 for any output of a model; numbers that JSON lacks are null; lines of CSV end in
CR LF (RFC 4180), and a spreadsheet takes no text for a formula (OWASP, "CSV Injection"): it has an
apostrophe before it.
"""

import csv
import json
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from io import StringIO
from math import isfinite
from typing import TypeAlias

from pydantic import JsonValue, TypeAdapter

from backend.reports.case_rows import verdict_of
from use_cases.kernel.targets import TargetOutput
from use_cases.kernel.text.storable_text import storable, whole
from use_cases.playground.model import AssertionResult, Case, Cell, Redaction, Summary
from use_cases.playground.redaction import WHOLE, redact_cell, redact_summary

CsvValue: TypeAlias = str | int | float | None

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_CELL: TypeAdapter[Cell] = TypeAdapter(Cell)
_SUMMARY: TypeAdapter[Summary] = TypeAdapter(Summary)
_HIDDEN = {
    "run": {
        **dict.fromkeys(("user_id", "kind", "name", "total", "planned", "cancelled", "tick"), True),
        "spec": {"cases", "compares", "key_id", "local_checks"},
    }
}


class Form:
    """Turns cells into text. The cells of one case follow each other."""

    def begin(self) -> Iterator[str]:
        """Yield what stands before the cells: nothing, unless a form says otherwise."""
        return iter(())

    def add(self, cell: Cell) -> Iterator[str]:
        """Yield the text of one cell; a form may hold it back until its case or variant ends."""
        raise NotImplementedError

    def end(self) -> Iterator[str]:
        """Yield what was held back, and the end: nothing, unless a form says otherwise."""
        return iter(())


async def stream(form: Form, cells: AsyncIterable[Cell]) -> AsyncIterator[str]:
    """Yield the whole text, which any UTF-8 encoder accepts."""
    for piece in form.begin():
        yield piece
    async for cell in cells:
        for piece in form.add(cell):
            yield piece
    for piece in form.end():
        yield piece


@dataclass(frozen=True, slots=True)
class CsvExport(Form):
    """One row a cell, `variables` and `expected` as JSON. `with_bom`: as Excel recognizes UTF-8.

    Lines end in CR LF (RFC 4180): a file is opened with `newline=""`. A text that a spreadsheet would
    take for a formula has an apostrophe before it.
    """

    summary: Summary
    redaction: Redaction = WHOLE
    with_bom: bool = False

    def begin(self) -> Iterator[str]:
        """Yield the header."""
        metrics = [f"{part}: {name}" for name in self._metrics() for part in ("verdict", "score")]
        yield "\ufeff" * self.with_bom + csv_line([*COLUMNS, *metrics])

    def add(self, cell: Cell) -> Iterator[str]:
        """Yield the row of a cell."""
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
    """One JSON object a cell and line."""

    redaction: Redaction = WHOLE

    def add(self, cell: Cell) -> Iterator[str]:
        """Yield the line of a cell."""
        yield (
            _json(_CELL.dump_python(redact_cell(cell, self.redaction), mode="json", by_alias=True))
            + "\n"
        )


class JsonExport(Form):
    """One JSON object: `summary`, and all `cells`. It does not name who ran the evaluation."""

    def __init__(self, summary: Summary, redaction: Redaction = WHOLE) -> None:
        self._redaction = redaction
        self._summary = redact_summary(summary, self._redaction)
        self._between = "\n"

    def begin(self) -> Iterator[str]:
        """Yield the summary and the beginning of the list."""
        summary = _SUMMARY.dump_python(self._summary, mode="json", by_alias=True, exclude=_HIDDEN)
        summary["run"] |= summary["run"].pop("spec")
        yield f'{{"summary": {_json(summary)},\n"cells": ['

    def add(self, cell: Cell) -> Iterator[str]:
        """Yield one element of the list."""
        shown = _CELL.dump_python(redact_cell(cell, self._redaction), mode="json", by_alias=True)
        yield self._between + _json(shown)
        self._between = ",\n"

    def end(self) -> Iterator[str]:
        """Yield the end of the object."""
        yield "\n]}\n"


def csv_line(values: Iterable[CsvValue]) -> str:
    """Return one line with its end."""
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
