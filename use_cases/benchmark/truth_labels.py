"""The labels of injected errors, one a line of JSON: written with a dirty table, read to score its cleaning.

Promises: a dirty table with its labels is its task again, with the traps in the truth and each duplicate
mapped to the row that it repeats; a clean table beside it has neither.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, with_config

from use_cases.benchmark.errors import TruthMismatch
from use_cases.benchmark.injection.inject_errors import Injection
from use_cases.benchmark.model import InjectedError, Table

_STRICT = ConfigDict(extra="forbid")


@with_config(_STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorLabel(InjectedError):
    """An error that was put in."""

    label: Literal["error"] = "error"


@with_config(_STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class TrapLabel:
    """An odd value that is right."""

    row: str
    column: str
    value: str
    label: Literal["trap"] = "trap"


TruthLabel = Annotated[ErrorLabel | TrapLabel, Field(discriminator="label")]
TRUTH_LABEL: TypeAdapter[ErrorLabel | TrapLabel] = TypeAdapter(TruthLabel)
"""Reads a line."""


def truth_lines(made: Injection) -> Iterator[str]:
    """The truth as JSON lines: an `error` each, then the `trap`s, which are right as they are."""
    for error in made.errors:
        yield _line({"label": "error", **asdict(error)})
    for row, column in sorted(made.traps):
        value = made.clean.cell(row, column)
        yield _line({"label": "trap", "row": row, "column": column, "value": value})


def truth_of_labels(dirty: Table, labels: Sequence[ErrorLabel | TrapLabel]) -> Table:
    """The clean table: the dirty one with the old texts, and without the duplicates.

    Raises `TruthMismatch` where a label names a row or a text that the dirty table does not have.
    """
    for label in labels:
        column = label.column if label.column is not None else dirty.columns[0]
        if label.row not in dirty.place_of or column not in dirty.by_name:
            raise TruthMismatch(
                f"The truth names a cell that is not there: {label.row!r}, {column!r}.",
                hint="Name the column of the ids where rows were added: --id row_id.",
            )
        stands = label.new if isinstance(label, ErrorLabel) else label.value
        if label.column is not None and dirty.cell(label.row, column) != stands:
            raise TruthMismatch(f"Row {label.row!r} has no {stands!r} in column {column!r}.")
    errors = [each for each in labels if isinstance(each, ErrorLabel)]
    right = {(each.row, each.column): each.old for each in errors if each.column is not None}
    added = frozenset(each.row for each in errors if each.column is None)
    return dirty.with_cells(right).without_rows(added)


def _line(record: dict[str, object]) -> str:
    return json.dumps(record, ensure_ascii=False) + "\n"
