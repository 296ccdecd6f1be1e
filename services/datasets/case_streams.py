"""The cases of a file as a stream, with the errors of its rows; and cases written as such a file.

Promises: what is written is read again with the same keys and, but for CSV, the same values. No cell of
CSV is a formula to a spreadsheet: one that would be gets a quotation mark before it (OWASP, "CSV
Injection"), which is taken away when it is read.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import BinaryIO, TypeAlias

import yaml
from pydantic import JsonValue

from services.datasets.case_forms import Keys, Row, case_of
from services.datasets.file_values import Misfit, Record, refuse
from services.datasets.record_streams import (
    read_json,
    read_json_lines,
    read_table,
    read_yaml_records,
)
from use_cases.kernel.text.plain_text import value_text
from use_cases.playground.case_form import record_of
from use_cases.playground.errors import DatasetUnreadable
from use_cases.playground.model import Case
from use_cases.playground.ports import CaseFormat, ItemError

Entry: TypeAlias = tuple[int, Case | ItemError]
"""A case, whose key may be empty, or an error, with its line."""

_READERS = {
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".json": read_json,
    ".yaml": read_yaml_records,
    ".yml": read_yaml_records,
}
_TABLES = (".csv", ".tsv")
DATASETS = (*_TABLES, *_READERS)


def entries(name: str, content: BinaryIO) -> Iterator[Entry]:
    """Reads the cases of a file by the last part of its name. Raises `DatasetUnreadable`."""
    suffix = PurePath(name).suffix.lower()
    if suffix in _TABLES:
        yield from _of_table(content, tabs=suffix == ".tsv")
    elif suffix in _READERS:
        for line, record in _READERS[suffix](content):
            yield line, _read(line, record)
    else:
        raise DatasetUnreadable(f"{suffix or 'A name without an ending'} is no known format.")


def keyed(
    found: Iterable[Entry], fault: Callable[[Mapping[str, JsonValue]], str | None] | None = None
) -> Iterator[Case | ItemError]:
    """Gives each case its key; a case that does not fit is an error."""
    keys = Keys()
    for line, case in found:
        if isinstance(case, ItemError):
            yield case
            continue
        reason = fault(case.variables) if fault else None
        try:
            yield ItemError(line, reason) if reason else keys.give(case)
        except Misfit as error:
            yield ItemError(line, error.sentence)


def _of_table(content: BinaryIO, *, tabs: bool) -> Iterator[Entry]:
    table = read_table(content, tabs=tabs)
    try:
        columns = Row(table.header)
    except Misfit as error:
        raise DatasetUnreadable(f"Line 1: {error}.") from error
    for line, row in table.rows:
        try:
            yield line, row if isinstance(row, ItemError) else columns.case(row)
        except Misfit as error:
            yield line, ItemError(line, error.sentence)


def _read(line: int, record: JsonValue | ItemError) -> Case | ItemError:
    if isinstance(record, ItemError):
        return record
    try:
        return case_of(record, "", refuse)
    except Misfit as error:
        return ItemError(line, error.sentence)


_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
# The line ends and signs that YAML reads as something else, unless they are escaped.
_UNREADABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")
_ENDS = ("expected", "assert", "metadata", "__threshold", "__description")


def write_cases(cases: Iterable[Case], form: CaseFormat, columns: Sequence[str]) -> Iterator[bytes]:
    """Writes cases in pieces; `columns` are the variables of CSV."""
    match form:
        case CaseFormat.CSV:
            yield csv_row(["id", *columns, *_ENDS])
            for case in cases:
                yield csv_row(_cells(case, columns))
        case CaseFormat.JSONL:
            for case in cases:
                yield _json(record_of(case)) + b"\n"
        case CaseFormat.JSON:
            separator = b"[\n"
            for case in cases:
                yield separator + _json(record_of(case))
                separator = b",\n"
            yield b"[]\n" if separator == b"[\n" else b"\n]\n"
        case CaseFormat.YAML:
            empty = True
            for case in cases:
                empty = False
                yield _yaml(record_of(case))
            if empty:
                yield b"[]\n"


def _cells(case: Case, columns: Sequence[str]) -> list[str]:
    values = record_of(case)
    written = [case.key, *(value_text(case.variables.get(name)) for name in columns)]
    structured = [value_text(values.get(name)) for name in ("assert", "metadata")]
    threshold = "" if case.threshold is None else f"{case.threshold!r}"
    return [*written, value_text(case.expected), *structured, threshold, case.description]


def csv_row(cells: Sequence[str]) -> bytes:
    """Returns a line of CSV of which no cell is a formula."""
    line = io.StringIO()
    csv.writer(line).writerow(map(_inert, cells))
    return line.getvalue().encode("utf-8", "backslashreplace")


def _inert(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def _json(record: Record) -> bytes:
    written = json.dumps(record, ensure_ascii=False)
    try:
        return written.encode()
    except UnicodeEncodeError:  # lone surrogates, which JSON can hold as escapes only
        return json.dumps(record).encode()


def _yaml(record: Record) -> bytes:
    # Through JSON: only plain values, and none that YAML would write as an alias.
    written = json.dumps(record, ensure_ascii=False)
    readable = not _UNREADABLE.search(written)
    text = yaml.safe_dump([json.loads(written)], allow_unicode=readable, sort_keys=False)
    return text.encode("utf-8", "backslashreplace")
