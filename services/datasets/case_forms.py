"""Cases as files write them, read as a stream with the errors of its rows, and written.

- with `vars`: promptfoo's form (`vars`, `assert`, `description`, `metadata`, `threshold`), and `id`,
  `expected`;
- with `inputs`: pydantic-evals' form (`name`, `inputs`, `expected_output`, `metadata`, `evaluators`);
- else every field is a variable, but for `id` or `key`, `expected`, `assert` and `metadata`.

In a CSV file every column is a variable, but for `id` or `key`, `expected`, `assert` and `metadata`
(JSON) and promptfoo's columns with two underscores.

Promises: each case has a key of its own: its id, else the SHA-256 of its variables, with a counter
where several have the same.

Promises: what is written is read again with the same keys and, but for CSV, the same values. No cell of
CSV is a formula to a spreadsheet: one that would be gets a quotation mark before it (OWASP, "CSV
Injection"), which is taken away when it is read.
"""

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import BinaryIO, TypeAlias

import yaml
from pydantic import JsonValue

from services.datasets.assertion_forms import (
    Resolve,
    assertion_of_text,
    assertions_of,
    assertions_of_evaluators,
)
from services.datasets.file_values import (
    Misfit,
    Note,
    Record,
    fields,
    mapping,
    note_others,
    number,
    refuse,
    text,
)
from services.datasets.record_streams import (
    read_json,
    read_json_lines,
    read_table,
    read_yaml_records,
)
from use_cases.kernel.text.plain_text import value_text
from use_cases.playground.case_form import record_of
from use_cases.playground.errors import DatasetUnreadable
from use_cases.playground.model import UNRUN, Assertion, Case
from use_cases.playground.ports import CaseFormat, ItemError

_IDS = ("id", "key")
_TEST = ("vars", "assert", "description", "metadata", "threshold", "expected", "options", *_IDS)
_EVALS = ("name", "inputs", "expected_output", "metadata", "evaluators", *_IDS)
_OWN = ("expected", "assert", "metadata", *_IDS)
_EXPECTED = re.compile(r"__expected(\d*)")
_THRESHOLD = re.compile(r"__config:__expected(\d*):threshold")
_METADATA = "__metadata:"
_LIST_END = "[]"
_SPLIT = re.compile(r"(?<!\\),")
_DETAILS = ("__description", "__metric", "__threshold")
_QUOTED_FORMULA = re.compile(r"'+[=+\-@\t\r]")


class Keys:
    """Gives each case its key. It remembers 8 bytes of each, so that a file may have millions."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._repeats: dict[str, int] = {}

    def give(self, case: Case) -> Case:
        """Returns the case with a key that no other has. Raises `Misfit` for an id used twice."""
        key = case.key or _digest(case.variables)
        while not self._is_new(key):
            if case.key:
                raise Misfit(f"the id {key[:60]!r} is used twice")
            base = key.partition("-")[0]
            self._repeats[base] = self._repeats.get(base, 1) + 1
            key = f"{base}-{self._repeats[base]}"
        return replace(case, key=key)

    def _is_new(self, key: str) -> bool:
        short = int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:8])
        if short in self._seen:
            return False
        self._seen.add(short)
        return True


def _digest(variables: Mapping[str, JsonValue]) -> str:
    form = json.dumps(variables, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(form.encode("utf-8", "surrogatepass")).hexdigest()


def case_of(
    value: JsonValue,
    place: str,
    note: Note,
    resolve: Resolve | None = None,
    templates: Mapping[str, JsonValue] | None = None,
) -> Case:
    """Reads a case; its key is empty where it has no id. Raises `Misfit`."""
    record = mapping(value, place or "a case")
    if not record:
        raise Misfit(f"{place or 'a case'} is empty")
    dot = f"{place}." if place else ""
    if "inputs" in record and "vars" not in record:
        return _case_of_evals(record, place, note)
    assertions = assertions_of(record.get("assert"), f"{dot}assert", note, resolve, templates)
    case = Case(
        key=_id(record, dot),
        expected=record.get("expected"),
        assertions=tuple(assertions),
        metadata=mapping(record.get("metadata"), f"{dot}metadata"),
    )
    if "vars" not in record and not ("assert" in record and record.keys() <= set(_TEST)):
        return replace(case, variables=_without(record, _OWN))
    note_others(record, _TEST, place, note)
    options = fields(record.get("options"), (), f"{dot}options", note)
    return replace(
        case,
        assertions=unrun_after(options, assertions),
        variables=mapping(record.get("vars"), f"{dot}vars"),
        threshold=number(record.get("threshold"), f"{dot}threshold"),
        description=str(record.get("description") or ""),
    )


def unrun_after(options: Record, assertions: Sequence[Assertion]) -> tuple[Assertion, ...]:
    """Returns the assertions, none of which can be run where `options` transform the output before."""
    if not any(options.get(name) for name in ("transform", "postprocess")):
        return tuple(assertions)
    why = "the output would be transformed by JavaScript before, which Candor does not run"
    given = assertions or [Assertion(type="transform")]
    return tuple(replace(each, type=UNRUN, value=why, metric=each.name) for each in given)


def _case_of_evals(record: Record, place: str, note: Note) -> Case:
    dot = f"{place}." if place else ""
    note_others(record, _EVALS, place, note)
    inputs, expected = record["inputs"], record.get("expected_output")
    return Case(
        key=_id(record, dot) or str(record.get("name") or ""),
        variables=inputs if isinstance(inputs, dict) else {"input": inputs},
        expected=expected,
        assertions=tuple(
            assertions_of_evaluators(record.get("evaluators"), f"{dot}evaluators", note, expected)
        ),
        description=str(record.get("name") or ""),
        metadata=mapping(record.get("metadata"), f"{dot}metadata"),
    )


def _id(record: Record, dot: str) -> str:
    name = next((name for name in _IDS if record.get(name) not in (None, "")), None)
    return text(record[name], f"{dot}{name}") if name else ""


def _without(record: Record, names: Sequence[str]) -> Record:
    return {name: value for name, value in record.items() if name not in names}


@dataclass(frozen=True, slots=True)
class Row:
    """The columns of a CSV file, each by what it means. Raises `Misfit` for an unknown `__column`."""

    header: Sequence[str]

    def __post_init__(self) -> None:
        """Refuses columns that would be skipped."""
        for name in self.header:
            threshold = _THRESHOLD.fullmatch(name)
            known = name in _DETAILS or _EXPECTED.fullmatch(name)
            if threshold is not None:
                known = f"__expected{threshold[1]}" in self.header
            if name.startswith("__") and not known and not name.startswith(_METADATA):
                raise Misfit(f"the column {name[:60]!r} is not understood")

    def case(self, cells: Sequence[str]) -> Case:
        """Reads a row; its key is empty where it has no id. Raises `Misfit`."""
        row = dict(zip(self.header, map(unquoted, cells), strict=True))
        if row.pop("", ""):
            raise Misfit("a cell stands below a column without a name")
        metric = row.get("__metric", "").strip() or None
        assertions = [
            replace(each, metric=metric) if metric else each for each in self._expected(row)
        ]
        return Case(
            key=next((row[name] for name in _IDS if row.get(name, "").strip()), ""),
            variables={
                name: cell
                for name, cell in row.items()
                if name not in _OWN and not name.startswith("__")
            },
            expected=row.get("expected") or None,
            assertions=(*assertions, *assertions_of(_json(row, "assert"), "assert", refuse)),
            threshold=number(row.get("__threshold", "").strip(), "__threshold"),
            description=row.get("__description", ""),
            metadata={**mapping(_json(row, "metadata"), "metadata"), **_metadata(row)},
        )

    def _expected(self, row: Mapping[str, str]) -> list[Assertion]:
        thresholds = {
            found[1]: number(cell.strip(), name)
            for name, cell in row.items()
            if (found := _THRESHOLD.fullmatch(name))
        }
        assertions: list[Assertion] = []
        for name, cell in row.items():
            column = _EXPECTED.fullmatch(name)
            if column and cell.strip():
                assertion = assertion_of_text(cell)
                threshold = thresholds.get(column[1])
                assertions.append(
                    assertion if threshold is None else replace(assertion, threshold=threshold)
                )
        return assertions


def unquoted(cell: str) -> str:
    """Takes the quotation mark away that keeps a spreadsheet from computing a cell."""
    return cell[1:] if cell[:1] == "'" and _QUOTED_FORMULA.match(cell) else cell


def _metadata(row: Mapping[str, str]) -> Record:
    found: Record = {}
    for name, cell in row.items():
        if not name.startswith(_METADATA) or not cell.strip():
            continue
        key = name.removeprefix(_METADATA)
        if key.endswith(_LIST_END):
            parts = [part.strip().replace("\\,", ",") for part in _SPLIT.split(cell)]
            found[key.removesuffix(_LIST_END)] = list[JsonValue](parts)
        else:
            found[key] = cell
    return found


def _json(row: Mapping[str, str], name: str) -> JsonValue:
    cell = row.get(name, "").strip()
    if not cell:
        return None
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        raise Misfit(f"the column {name!r} must hold JSON") from None


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
                yield _json_bytes(record_of(case)) + b"\n"
        case CaseFormat.JSON:
            separator = b"[\n"
            for case in cases:
                yield separator + _json_bytes(record_of(case))
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


def _json_bytes(record: Record) -> bytes:
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
