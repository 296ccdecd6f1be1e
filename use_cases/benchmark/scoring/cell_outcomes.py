"""Outcome of each cell: was it wrong, was it edited, is it right now?

Promises: only cells that differ among the three tables are looked at, and whole columns are compared at a time, so
a table of 100,000 rows takes a second, even where every cell differs. Leaves to others: the scores
(`repair_scores.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import ne
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from use_cases.benchmark.model import CellAddress, ValueKind
from use_cases.benchmark.scoring.align_tables import AlignedTables
from use_cases.benchmark.scoring.cell_equality import CellForm, EqualityRule, cell_forms, same_form

WAS_WRONG, EDITED, IS_RIGHT = 1, 2, 4
"""The dirty cell is not the true one; the output's is not the dirty one; the output's is the true one."""

Flags: TypeAlias = npt.NDArray[np.uint8]


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


@dataclass(frozen=True)
class CellOutcomes:
    """The aligned tables, and under each rule the answers of each cell, a sum of flags, by column and row."""

    tables: AlignedTables
    by_rule: Mapping[EqualityRule, Flags]

    @cached_property
    def place_of(self) -> Mapping[str, int]:
        """The place of each row by its id."""
        return {row: place for place, row in enumerate(self.tables.rows)}

    @cached_property
    def column_of(self) -> Mapping[str, int]:
        """The place of each column by its name."""
        return {name: place for place, name in enumerate(self.tables.columns)}

    def flags(self, cells: Iterable[CellAddress], rule: EqualityRule) -> Flags:
        """Returns the answers of these cells."""
        places = [(self.column_of[name], self.place_of[row]) for row, name in cells]
        columns, rows = zip(*places, strict=True) if places else ((), ())
        return self.by_rule[rule][list(columns), list(rows)]

    def edited(self, rule: EqualityRule) -> Sequence[tuple[int, int]]:
        """Returns the places of the edited cells: of the column, and of the row."""
        columns, rows = np.nonzero(self.by_rule[rule] & EDITED)
        return list(zip(columns.tolist(), rows.tolist(), strict=True))

    def count(self, rule: EqualityRule) -> CellCounts:
        """Counts the cells under a rule."""
        counted: list[int] = np.bincount(self.by_rule[rule].ravel(), minlength=8).tolist()

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


def judge_cells(tables: AlignedTables, kinds: Mapping[str, ValueKind]) -> CellOutcomes:
    """Compares every cell of the output with the dirty one and the true one, under both rules."""
    shape = len(tables.columns), len(tables.rows)
    found = {rule: np.full(shape, IS_RIGHT, np.uint8) for rule in EqualityRule}
    sides = zip(tables.dirty, tables.clean, tables.output, strict=True)
    for at, (name, columns) in enumerate(zip(tables.columns, sides, strict=True)):
        dirty, clean, output = columns
        if dirty == clean == output:
            continue
        rows = zip(*columns, strict=True)
        differ = [place for place, (one, two, three) in enumerate(rows) if not one == two == three]
        texts = [column[place] for column in columns for place in differ]
        size, kind = len(differ), kinds.get(name)
        for rule, flags in found.items():
            forms = cell_forms(texts, kind, rule)
            was, right, now = (forms[start : start + size] for start in (0, size, 2 * size))
            flags[at, differ] = (
                WAS_WRONG * _unlike(was, right)
                + EDITED * _unlike(now, was)
                + IS_RIGHT * (1 - _unlike(now, right))
            )
    return CellOutcomes(tables, found)


def _unlike(ones: Sequence[CellForm], others: Sequence[CellForm]) -> Flags:
    """Returns 1 for each pair of forms that are not the same, else 0."""
    unlike = np.fromiter(map(ne, ones, others), np.uint8, len(ones))
    for place in np.flatnonzero(unlike).tolist():
        if isinstance(ones[place], float):
            unlike[place] = not same_form(ones[place], others[place])
    return unlike
