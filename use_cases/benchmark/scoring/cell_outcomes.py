"""Lays the dirty table, the truth and an output side by side. Of each cell: was it wrong, was it edited, is it right
now?

Promises: rows meet by id and columns by name, never by position; a row or a column that one of the three
lacks has `MISSING` in its cells, so that a dropped row, an invented one and a removed duplicate are
scored as all other cells are; what was dropped, invented or added is counted. Only cells that differ among the
three tables are looked at, and whole columns are compared at a time, so a table of 100,000 rows takes a second,
even where every cell differs. Leaves to others: rows without ids (`find_row_ids.py`), and the scores
(`task_score.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import ne
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from use_cases.benchmark.model import MISSING, CellAddress, TextTable, ValueKind
from use_cases.benchmark.scoring.cell_equality import (
    CellForm,
    EqualityRule,
    cell_form,
    cell_forms,
    same_form,
)

WAS_WRONG, EDITED, IS_RIGHT = 1, 2, 4
"""The dirty cell is not the true one; the output's is not the dirty one; the output's is the true one."""

REPEATED = "\x00repeated"
"""Part of the ids of rows whose own id another row has."""

Flags: TypeAlias = npt.NDArray[np.uint8]
RowsMatchedBy: TypeAlias = Literal["id", "key", "similarity"]
EditSet: TypeAlias = frozenset[tuple[str, str, CellForm]]
"""The edited cells with their new values, under one rule; numbers are rounded to nine digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChanges:
    """Changes of an output to rows and columns.

    `rows_matched_by` says how its rows were found: `similarity` is by what they hold. `dropped_rows`
    are rows of the truth that it lacks, `removed_duplicates` added rows of the dirty table that it
    lacks, `invented_rows` rows that no other table has, among them `repeated_ids`, all but the first of
    rows with one id. `stand_ins` are duplicates that were kept in place of their
    original. An added column is scored nowhere, a missing one is an edit of all its cells.
    """

    rows_matched_by: RowsMatchedBy = "id"
    dropped_rows: int = 0
    removed_duplicates: int = 0
    invented_rows: int = 0
    repeated_ids: int = 0
    stand_ins: int = 0
    added_columns: tuple[str, ...] = ()
    missing_columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CellCounts:
    """Counts of cells under one rule.

    `errors` were wrong, `edits` were changed, `repaired` both and are right now, `detected` both whatever
    they are now. `clean` were right, of which `damaged` are wrong now. `right` are right in the output.
    """

    cells: int
    errors: int
    edits: int
    repaired: int
    detected: int
    clean: int
    damaged: int
    right: int


@dataclass(frozen=True, kw_only=True)
class CellOutcomes:
    """The cells of three tables by column, each in the order of `rows`; those that a table lacks are `MISSING`.

    The rows are those of the dirty table, then those of the truth alone, then invented ones. The columns
    are those that both the dirty table and the truth have. `flags` has under each rule the answers of each cell, a
    sum of flags.
    """

    rows: Sequence[str]
    kinds: Mapping[str, ValueKind]
    dirty: Mapping[str, Sequence[str]]
    clean: Mapping[str, Sequence[str]]
    output: Mapping[str, Sequence[str]]
    changes: TableChanges
    flags: Mapping[EqualityRule, Mapping[str, Flags]]

    @cached_property
    def place_of(self) -> Mapping[str, int]:
        """The place of each row by its id."""
        return {row: place for place, row in enumerate(self.rows)}

    def edit_set(self, rule: EqualityRule) -> EditSet:
        """Returns what was edited, to be compared among repeats."""
        found = set[tuple[str, str, CellForm]]()
        for name, flags in self.flags[rule].items():
            for place in np.flatnonzero(flags & EDITED).tolist():
                form = cell_form(self.output[name][place], self.kinds.get(name), rule)
                rounded = float(f"{form:.9g}") if isinstance(form, float) else form
                found.add((self.rows[place], name, rounded))
        return frozenset(found)

    def count(self, rule: EqualityRule, cells: Iterable[CellAddress] | None = None) -> CellCounts:
        """Counts these cells, or all of them, under a rule."""
        flags = self.flags[rule]
        if cells is None:
            every = np.concatenate(list(flags.values()))
        else:
            each = (flags[name][self.place_of[row]] for row, name in cells)
            every = np.fromiter(each, np.uint8)
        counted: list[int] = np.bincount(every, minlength=8).tolist()

        def having(wanted: int, without: int = 0) -> int:
            asked = wanted | without
            return sum(counted[flags] for flags in range(8) if flags & asked == wanted)

        return CellCounts(
            cells=having(0),
            errors=having(WAS_WRONG),
            edits=having(EDITED),
            repaired=having(WAS_WRONG | EDITED | IS_RIGHT),
            detected=having(WAS_WRONG | EDITED),
            clean=having(0, WAS_WRONG),
            damaged=having(0, WAS_WRONG | IS_RIGHT),
            right=having(IS_RIGHT),
        )


def compare_tables(
    dirty: TextTable,
    clean: TextTable,
    output: TextTable,
    kinds: Mapping[str, ValueKind],
    *,
    duplicates: Mapping[str, str] | None = None,
    rows_matched_by: RowsMatchedBy = "id",
) -> CellOutcomes:
    """Compares every cell of the output with the dirty one and the true one, under both rules.

    `duplicates` maps an added row of the dirty table to its original: where the output kept the
    duplicate alone, it stands in for the original. A renamed column is a missing one and an added one.
    Raises `ValueError` where the dirty table and the truth have no column in common.
    """
    columns = [name for name in clean.columns if name in dirty.by_name]
    if not columns:
        raise ValueError("The dirty table and the truth have no column in common.")
    stands_for = _stand_ins(output, duplicates or {})
    if stands_for:
        output = replace(output, ids=tuple(stands_for.get(row, row) for row in output.ids))
    rows = dirty.ids
    if not clean.ids == rows == output.ids:
        rows = tuple(dict.fromkeys((*rows, *clean.ids, *output.ids)))
    sides = [_cells(each, columns, rows) for each in (dirty, clean, output)]
    was, right, now = (each.place_of.keys() for each in (dirty, clean, output))
    return CellOutcomes(
        rows=rows,
        kinds=kinds,
        dirty=sides[0],
        clean=sides[1],
        output=sides[2],
        changes=TableChanges(
            rows_matched_by=rows_matched_by,
            dropped_rows=len(right - now),
            removed_duplicates=len(was - right - now),
            invented_rows=len(now - (was | right)),
            repeated_ids=sum(REPEATED in row for row in output.ids),
            stand_ins=len(stands_for),
            added_columns=tuple(name for name in output.columns if name not in dirty.by_name),
            missing_columns=tuple(name for name in columns if name not in output.by_name),
        ),
        flags=_judged(sides, kinds),
    )


def _stand_ins(output: TextTable, duplicates: Mapping[str, str]) -> Mapping[str, str]:
    """Duplicates that the output kept while it dropped their original: the first of each."""
    found: dict[str, str] = {}
    for duplicate, original in duplicates.items():
        if original not in output.place_of and duplicate in output.place_of:
            found.setdefault(original, duplicate)
    return {duplicate: original for original, duplicate in found.items()}


def _cells(
    table: TextTable, columns: Sequence[str], rows: Sequence[str]
) -> Mapping[str, Sequence[str]]:
    absent = (MISSING,) * len(table.ids)
    found = {name: table.by_name.get(name, absent) for name in columns}
    if table.ids == rows:
        return found
    places = [table.place_of.get(row, -1) for row in rows]
    # The place -1 is that of the last cell, which is the missing one.
    return {
        name: tuple(map((*cells, MISSING).__getitem__, places)) for name, cells in found.items()
    }


def _judged(
    sides: Sequence[Mapping[str, Sequence[str]]], kinds: Mapping[str, ValueKind]
) -> Mapping[EqualityRule, Mapping[str, Flags]]:
    found = {rule: dict[str, Flags]() for rule in EqualityRule}
    for name in sides[0]:
        dirty, clean, output = columns = [side[name] for side in sides]
        for flags in found.values():
            flags[name] = np.full(len(dirty), IS_RIGHT, np.uint8)
        if dirty == clean == output:
            continue
        rows = zip(*columns, strict=True)
        differ = [place for place, (one, two, three) in enumerate(rows) if not one == two == three]
        texts = [column[place] for column in columns for place in differ]
        size = len(differ)
        for rule, flags in found.items():
            forms = cell_forms(texts, kinds.get(name), rule)
            was, right, now = (forms[start : start + size] for start in (0, size, 2 * size))
            flags[name][differ] = (
                WAS_WRONG * _unlike(was, right)
                + EDITED * _unlike(now, was)
                + IS_RIGHT * (1 - _unlike(now, right))
            )
    return found


def _unlike(ones: Sequence[CellForm], others: Sequence[CellForm]) -> Flags:
    """Returns 1 for each pair of forms that are not the same, else 0."""
    unlike = np.fromiter(map(ne, ones, others), np.uint8, len(ones))
    for place in np.flatnonzero(unlike).tolist():
        if isinstance(ones[place], float):
            unlike[place] = not same_form(ones[place], others[place])
    return unlike
