"""Cases written as CSV, JSON lines, JSON and YAML.

Promises: `case_streams.py` reads them again with the same keys and, but for CSV, the same values. No
cell of CSV is a formula to a spreadsheet: one that would be gets a quotation mark before it (OWASP,
"CSV Injection"), which is taken away when it is read.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence

import yaml

from services.datasets.fields import Record
from use_cases.kernel.text.value_text import value_text
from use_cases.playground.case_form import record_of
from use_cases.playground.model import Case
from use_cases.playground.ports import CaseFormat

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
# The line ends and signs that YAML reads as something else, unless they are escaped.
_UNREADABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")
_ENDS = ("expected", "assert", "metadata", "__threshold", "__description")


def write_cases(cases: Iterable[Case], form: CaseFormat, columns: Sequence[str]) -> Iterator[bytes]:
    """Write cases in pieces; `columns` are the variables of CSV."""
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
    """Return a line of CSV of which no cell is a formula."""
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
