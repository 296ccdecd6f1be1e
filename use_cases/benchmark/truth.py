"""The truth about a dirty table: a clean table beside it, HoloClean's list of right values, or the labels of
injected errors, one a line of JSON.

Promises: columns are matched by name and rows by id, never by position; a truth that does not fit is
refused. The well-known public tables are recognised, because models have probably seen them. A dirty table with
its labels is its task again, with the traps in the truth and each duplicate mapped to the row that it repeats; a
clean table beside it has neither.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal

from pydantic import ConfigDict, TypeAdapter, with_config

from use_cases.benchmark.errors import TableSchemaInvalid, TruthMismatch
from use_cases.benchmark.injection.inject_errors import Injection
from use_cases.benchmark.model import (
    CellAddress,
    Dependency,
    ErrorKind,
    InjectedError,
    TableSchema,
    TextTable,
)

_LONG_FORM = ("tid", "attribute", "correct_val")
_KNOWN = {
    "hospital": "providernumber hospitalname measurecode measurename condition",
    "flights": "src flight scheddeptime actdeptime schedarrtime actarrtime",
    "beers": "beername style ounces abv ibu",
    "rayyan": "articletitle journaltitle journalissn articlepagination",
    "tax": "fname lname areacode phone zip maritalstatus salary rate",
    "movies": "name year director creator duration",
    "restaurant": "name addr city phone type",
    "adult": "age workclass education maritalstatus occupation",
    "cars": "mpg cylinders displacement horsepower weight",
}
"""Public tables that papers on cleaning measure with: a part of their name, and some of their columns."""


def truth_of(dirty: TextTable, written: TextTable) -> TextTable:
    """Returns the clean table, with the columns of the dirty one in their order.

    `written` is a whole table, or has HoloClean's columns `tid` (the row's place, from 0), `attribute`
    and `correct_val`; cells that it does not name are right. Raises `TruthMismatch`.
    """
    if set(written.columns) == set(_LONG_FORM):
        return _from_list(dirty, written)
    if set(written.columns) != set(dirty.columns):
        other = sorted(set(written.columns) ^ set(dirty.columns))
        raise TruthMismatch(f"One of the two tables has no column {other[0]!r}.")
    gone = [row for row in written.ids if row not in dirty.place_of]
    if gone:
        raise TruthMismatch(f"The dirty table has no row {gone[0]!r}, which the truth has.")
    return TextTable(
        dirty.columns, written.ids, tuple(written.by_name[name] for name in dirty.columns)
    )


def repeated_rows(dirty: TextTable, clean: TextTable, key: tuple[str, ...]) -> Mapping[str, str]:
    """Returns the rows that only the dirty table has, each with the row of the truth that has its key.

    Raises `TruthMismatch` where no row has it.
    """
    added = [row for row in dirty.ids if row not in clean.place_of]
    if not added:
        return {}
    originals = dict(zip(_keys(clean, key), clean.ids, strict=True))
    keys = dict(zip(dirty.ids, _keys(dirty, key), strict=True))
    for row in added:
        if not key or keys[row] not in originals:
            raise TruthMismatch(
                f"The truth has no row {row!r}, and the key does not say which row it repeats.",
                hint="Declare the key of an entity in schema.yaml, or give rows an id column.",
            )
    return {row: originals[keys[row]] for row in added}


def fitting(schema: TableSchema, columns: Iterable[str]) -> tuple[TableSchema, Sequence[str]]:
    """Returns what a schema states of the columns that there are, named as the table names them (`brewery_name` is
    `brewery-name`), and the names of the others.
    """
    there = tuple(columns)
    spelled = _spelled(there) | dict(zip(there, there, strict=True))
    lacking = dict[str, None]()

    def found(*names: str) -> tuple[str, ...]:
        known = [name if name in spelled else _plain(name) for name in names]
        missing = [name for name, its in zip(names, known, strict=True) if its not in spelled]
        lacking.update(dict.fromkeys(missing))
        return () if missing else tuple(spelled[its] for its in known)

    dependencies = [found(*each.determinants, each.dependent) for each in schema.dependencies]
    references = [found(*each) for each in schema.references]
    kept = replace(
        schema,
        kinds={name: kind for old, kind in schema.kinds.items() for name in found(old)},
        key=found(*schema.key),
        dependencies=tuple(Dependency(each[:-1], each[-1]) for each in dependencies if each),
        references=tuple((each[0], each[1]) for each in references if each),
    )
    return kept, list(lacking)


def fitted(schema: TableSchema, columns: Iterable[str]) -> TableSchema:
    """Returns a schema with the columns named as the table names them.

    Raises `TableSchemaInvalid` for a column that the table does not have.
    """
    found, lacking = fitting(schema, columns)
    for name in lacking:
        raise TableSchemaInvalid(f"The table has no column {name!r}, which the schema names.")
    return found


def fitting_rules(rules: TableSchema, columns: Iterable[str]) -> TableSchema:
    """Returns the dependencies of a list beside a public table whose columns the table has, each once."""
    found, _ = fitting(rules, columns)
    return TableSchema(dependencies=tuple(dict.fromkeys(found.dependencies)))


def is_known(name: str, columns: Iterable[str]) -> bool:
    """Returns whether it is one of the well-known public tables, by a part of its name and its columns."""
    plain = set(_spelled(columns))
    parts = re.split(r"[^a-z]+", name.lower())
    return any(known in parts and plain >= set(_KNOWN[known].split()) for known in _KNOWN)


def _from_list(dirty: TextTable, written: TextTable) -> TextTable:
    changed: dict[CellAddress, str] = {}
    for tid, name, value in zip(*(written.by_name[part] for part in _LONG_FORM), strict=True):
        place = int(tid) if tid.isdecimal() else -1
        if name not in dirty.by_name or not 0 <= place < len(dirty.ids):
            raise TruthMismatch(f"The truth names a cell that is not there: {tid!r}, {name!r}.")
        changed[dirty.ids[place], name] = value
    return dirty.with_cells(changed)


def _keys(table: TextTable, key: tuple[str, ...]) -> list[tuple[str, ...]]:
    cells = list(zip(*(table.by_name[name] for name in key), strict=True))
    return cells or [()] * len(table.ids)


def _spelled(columns: Iterable[str]) -> dict[str, str]:
    return {_plain(name): name for name in columns}


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True, kw_only=True)
class TruthLabel(InjectedError):
    """An error that was put in, or a trap: an odd value that is right, whose `old` and `new` text are the same."""

    label: Literal["error", "trap"] = "error"


TRUTH_LABEL: TypeAdapter[TruthLabel] = TypeAdapter(TruthLabel)
"""Reads and writes a line."""


def truth_lines(made: Injection) -> Iterator[str]:
    """Returns the truth as JSON lines: an `error` each, then the `trap`s, which are right as they are."""
    labels = [TruthLabel(**asdict(each)) for each in made.errors]
    for row, column in sorted(made.traps):
        value = made.clean.cell(row, column)
        labels.append(TruthLabel(row, column, ErrorKind.OTHER, value, value, label="trap"))
    return (TRUTH_LABEL.dump_json(each).decode() + "\n" for each in labels)


def truth_of_labels(dirty: TextTable, labels: Sequence[TruthLabel]) -> TextTable:
    """Returns the clean table: the dirty one with the old texts, and without the duplicates.

    Raises `TruthMismatch` where a label names a row or a text that the dirty table does not have.
    """
    for label in labels:
        column = label.column if label.column is not None else dirty.columns[0]
        if label.row not in dirty.place_of or column not in dirty.by_name:
            raise TruthMismatch(
                f"The truth names a cell that is not there: {label.row!r}, {column!r}.",
                hint="Name the column of the ids where rows were added: --id row_id.",
            )
        if label.column is not None and dirty.cell(label.row, column) != label.new:
            raise TruthMismatch(f"Row {label.row!r} has no {label.new!r} in column {column!r}.")
    right = {(each.row, each.column): each.old for each in labels if each.column is not None}
    added = frozenset(each.row for each in labels if each.column is None)
    return dirty.with_cells(right).without_rows(added)
