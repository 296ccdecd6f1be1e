"""The cases of a file as a stream, with the errors of its rows."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import BinaryIO, TypeAlias

from pydantic import JsonValue

from services.datasets.case_forms import Keys, Row, case_of, unquoted
from services.datasets.fields import Misfit, refuse
from services.datasets.record_streams import (
    read_json,
    read_json_lines,
    read_table,
    read_yaml_records,
)
from use_cases.playground.errors import DatasetUnreadable
from use_cases.playground.model import Case
from use_cases.playground.ports import ItemError

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
    """Read the cases of a file by the last part of its name. Raises `DatasetUnreadable`."""
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
    """Give each case its key; a case that does not fit is an error."""
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


def records(
    name: str, content: BinaryIO
) -> Iterator[tuple[int, Mapping[str, JsonValue] | ItemError]]:
    """Read the rows of a file by their columns, whatever these mean. Raises `DatasetUnreadable`."""
    suffix = PurePath(name).suffix.lower()
    if suffix in _TABLES:
        table = read_table(content, tabs=suffix == ".tsv")
        for line, row in table.rows:
            if isinstance(row, ItemError):
                yield line, row
            else:
                yield line, dict(zip(table.header, map(unquoted, row), strict=True))
        return
    if suffix not in _READERS:
        raise DatasetUnreadable(f"{suffix or 'A name without an ending'} is no known format.")
    for line, record in _READERS[suffix](content):
        if isinstance(record, (dict, ItemError)):
            yield line, record
        else:
            yield line, ItemError(line, "it is no object.")


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
