"""The values of the benchmark: tables of texts, edits, injected errors, and tasks.

A cell is a text, exactly as its file has it: nothing is parsed on the way, because a number read and
written again may differ from the truth ('01907' and '1907', '0.0' and '0'). Rows have ids, columns have
names, and nothing is matched by position. All values are frozen.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import compress
from typing import TypeAlias

import numpy as np

from use_cases.benchmark.table_column import PlaceOfNumbers, RowNumbers, TableColumn

MISSING = "\x00missing"
"""A cell that an output does not have: its row or its column is gone. No file holds this text."""

CellAddress: TypeAlias = tuple[str, str]
"""The id of a row, and the name of a column."""


@dataclass(frozen=True)
class TextTable:
    """A table of texts. `values` has the cells of each column in the order of the rows, each as long as `ids`.

    `ids` are the rows' ids, unique; they are not among the columns. An empty text is an empty cell.
    """

    columns: tuple[str, ...]
    ids: Sequence[str]
    values: Sequence[Sequence[str]]

    def __post_init__(self) -> None:
        vars(self)["values"] = tuple(
            cells if isinstance(cells, TableColumn) else TableColumn(cells) for cells in self.values
        )
        if len(self.columns) != len(self.values) or len(set(self.columns)) != len(self.columns):
            raise ValueError("A table needs one tuple of cells for each column, and unique names.")
        if any(len(column) != len(self.ids) for column in self.values):
            raise ValueError("Every column needs one cell for each row.")
        if not isinstance(self.ids, RowNumbers) and len(set(self.ids)) != len(self.ids):
            raise ValueError("The ids of rows are unique.")

    @cached_property
    def place_of(self) -> Mapping[str, int]:
        """The place of each row by its id."""
        if isinstance(self.ids, RowNumbers):
            return PlaceOfNumbers(self.ids)
        return {row: place for place, row in enumerate(self.ids)}

    @cached_property
    def by_name(self) -> Mapping[str, TableColumn]:
        """Each column's cells by its name."""
        columns = (cells for cells in self.values if isinstance(cells, TableColumn))
        return dict(zip(self.columns, columns, strict=True))

    def cell(self, row: str, column: str) -> str:
        """Returns one cell. Raises `KeyError` for an unknown row or column."""
        return self.by_name[column][self.place_of[row]]

    def with_cells(self, changed: Mapping[CellAddress, str]) -> "TextTable":
        """Returns the same table with these cells replaced. Raises `KeyError` for an unknown address."""
        of_column = defaultdict[str, dict[int, str]](dict)
        for (row, column), value in changed.items():
            of_column[column][self.place_of[row]] = value
        columns = dict(self.by_name)
        for name, cells in of_column.items():
            columns[name] = columns[name].changed(cells)
        made = copy(self)  # with the places of its rows, which stay
        vars(made).update(values=tuple(columns.values()), by_name=columns)
        return made

    def without_rows(self, rows: frozenset[str]) -> "TextTable":
        """Returns the same table without these rows; ids that it does not have are passed over."""
        if rows.isdisjoint(self.place_of):
            return self
        kept = np.fromiter((row not in rows for row in self.ids), np.bool_, len(self.ids))
        ids = self.ids.at(kept) if isinstance(self.ids, RowNumbers) else compress(self.ids, kept)
        columns = tuple(column.at(kept) for column in self.by_name.values())
        return TextTable(self.columns, ids if isinstance(ids, RowNumbers) else tuple(ids), columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLayout:
    """Departures of a file from a plain table, so that it can be written back as it was.

    `header` has the names of the file, where two may be the same, and `above` the records above it. `aside` are the records of the file
    that are no rows of the table, by their number from 1; `widths` are the numbers of cells of rows that
    have more or fewer than the header, by id. `odd` says of such rows what is wrong, and `notes` say it of all in
    a sentence each. A file without names has an empty header. `blank` counts the empty lines above the records of the
    file by their place from 0, names and all; below the last one it is their number. `delimiter`, `line_end` and `encoding` are those of
    the file, `ended` that its last line has an end, `mark` that it begins with a byte order mark; `quoted` are the places of columns whose cells all stand
    in quotation marks, and whether empty ones do, `quoted_header` that all names do, and `bare` that delimiters of
    other files stand in cells without them.
    """

    header: tuple[str, ...]
    aside: Mapping[int, tuple[str, ...]]
    widths: Mapping[str, int]
    above: Sequence[tuple[str, ...]] = ()
    odd: Mapping[int, str] = field(default_factory=dict[int, str])
    notes: Sequence[str] = ()
    blank: Mapping[int, int] = field(default_factory=dict[int, int])
    delimiter: str = ","
    line_end: str = "\n"
    ended: bool = True
    encoding: str = "utf-8"
    mark: bool = False
    quoted: Mapping[int, bool] = field(default_factory=dict[int, bool])
    quoted_header: bool = False
    bare: bool = False


class ValueKind(StrEnum):
    """Kind of a column's values. It decides how two cells are compared, and how distributions are."""

    TEXT = "text"
    IDENTIFIER = "identifier"
    CATEGORY = "category"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class Dependency:
    """A functional dependency: rows that agree in `determinants` agree in `dependent`."""

    determinants: tuple[str, ...]
    dependent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSchema:
    """Declaration of a table. `kinds` may leave columns out; `key` identifies an entity.

    `references` are pairs of columns: every value of the first occurs in the second. `id_column` holds
    the ids of the rows in files of the table.
    """

    kinds: Mapping[str, ValueKind] = field(default_factory=dict[str, ValueKind])
    key: tuple[str, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    id_column: str | None = None


class Dimension(StrEnum):
    """Kind of quality that a task is about. `mixed`: errors as they came; `control`: none."""

    ACCURACY = "accuracy"
    COMPLETENESS = "completeness"
    CONSISTENCY = "consistency"
    UNIQUENESS = "uniqueness"
    MIXED = "mixed"
    CONTROL = "control"


class Difficulty(StrEnum):
    """Difficulty of a task's errors. `real`: they were not injected; `none`: a control."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"
    REAL = "real"
    NONE = "none"


class ErrorKind(StrEnum):
    """The kind of an error, as it is injected and as an edit may claim it."""

    TYPO = "typo"
    SWAP_IN_DOMAIN = "swap_in_domain"
    OUTLIER = "outlier"
    WRONG_UNIT = "wrong_unit"
    TRANSPOSED_DIGITS = "transposed_digits"
    EXPLICIT_MISSING = "explicit_missing"
    DISGUISED_MISSING = "disguised_missing"
    BROKEN_DEPENDENCY = "broken_dependency"
    FORMAT_VARIANT = "format_variant"
    SWAPPED_FIELDS = "swapped_fields"
    SHIFTED_CELLS = "shifted_cells"
    BROKEN_REFERENCE = "broken_reference"
    EXACT_DUPLICATE = "exact_duplicate"
    FUZZY_DUPLICATE = "fuzzy_duplicate"
    CONFLICTING_DUPLICATE = "conflicting_duplicate"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class InjectedError:
    """One error that was put in: `old` is the truth, `new` is what the dirty table has.

    A duplicate has no `column`: `row` is the added row and `original` the row that it repeats.
    `repairable`: the table itself holds the evidence for the truth, which `evidence` describes.
    """

    row: str
    column: str | None
    kind: ErrorKind
    old: str = ""
    new: str = ""
    original: str | None = None
    repairable: bool = True
    evidence: str = ""


class EditKind(StrEnum):
    """The form of an edit: one cell, all cells of a column with one value, rows removed, rows merged."""

    CELL = "cell"
    MAP = "map"
    DELETE = "delete"
    MERGE = "merge"


@dataclass(frozen=True, slots=True)
class Edit:
    """A proposed change of a table, or the claim that it was made.

    `cell`: `rows` has one id, `column`, `old` and `new` are set. `map`: every cell of `column` that is
    `old` becomes `new`. `delete`: the `rows` go; as a claim, without rows, the `column` does. `merge`: the
    `rows` are one entity, of which the first stays.
    `old` must be the cell's value, else the edit is rejected.
    """

    kind: EditKind
    rows: tuple[str, ...] = ()
    column: str | None = None
    old: str | None = None
    new: str | None = None
    error: ErrorKind = ErrorKind.OTHER
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A cell that looks wrong, with what speaks against it, and a repair where the table shows one.

    Without a `column` the whole row is one too many; its `repair` is then the id of the row that it repeats.
    """

    row: str
    column: str | None
    value: str
    kind: ErrorKind
    evidence: str
    repair: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskHead:
    """The facts about a task beside its tables.

    `task_id` is `<table>_<dimension>_<difficulty>_<seed>` for injected tasks, and the table's name for
    others. `sha256` is of both tables, empty where no run pins it. `known`: models have probably seen
    them.
    """

    task_id: str
    table: str
    sha256: str = ""
    version: int = 1
    dimension: Dimension = Dimension.MIXED
    difficulty: Difficulty = Difficulty.REAL
    seed: int | None = None
    known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(TaskHead):
    """A dirty table, and the truth about it.

    `clean` is the truth; rows of `dirty` that it does not have are duplicates, which `duplicates` maps
    to the row that they repeat. `errors` is None where nobody labelled them, `traps` are odd cells that
    are right.
    """

    dirty: TextTable
    clean: TextTable
    schema: TableSchema = field(default_factory=TableSchema)
    errors: Sequence[InjectedError] | None = None
    traps: frozenset[CellAddress] = frozenset()
    duplicates: Mapping[str, str] = field(default_factory=dict[str, str])
