"""A dirty table as its detectors see it: columns with counts of their values, and the findings so far.

Promises: a column is counted once, until a repair changes it. What is found in a cell stays found: a later
finding takes its place only where it brings a repair.
"""

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

from use_cases.benchmark.model import Edit, EditKind, ErrorKind, Finding, TableColumn, TextTable
from use_cases.benchmark.scoring.cell_equality import is_missing

_SAMPLE = 400


@dataclass(frozen=True)
class Column:
    """A column with what detectors ask of it."""

    name: str
    cells: TableColumn

    @cached_property
    def every(self) -> Mapping[str, int]:
        """Counts all values, missing ones too."""
        return Counter(self.cells)

    @cached_property
    def known(self) -> Mapping[str, int]:
        """Counts the values that are not missing."""
        missing = [value for value in self.every if is_missing(value)]
        if not missing:
            return self.every
        known = dict(self.every)
        for value in missing:
            del known[value]
        return known

    @cached_property
    def total(self) -> int:
        """The number of cells that are not missing."""
        return sum(self.known.values())

    @cached_property
    def sample(self) -> Sequence[str]:
        """Some of the cells that are not missing, from the whole of the column."""
        step = self.total // _SAMPLE or 1
        return [value for value in self.cells if value in self.known][::step]

    def share(self, values: Mapping[str, object]) -> float:
        """Returns the share of the known cells that have one of these values."""
        return sum(self.known[value] for value in values) / (self.total or 1)


class DraftTable:
    """A dirty table, what was found in it, and its repairs so far."""

    def __init__(self, dirty: TextTable) -> None:
        self.dirty = dirty
        self.table = dirty
        """The table as of the last `commit`."""
        self._found: dict[tuple[int, str | None], tuple[ErrorKind, str, str | None]] = {}
        self._columns: dict[str, Column] = {}
        self._waiting: dict[tuple[str, str], str] = {}

    def column(self, name: str) -> Column:
        """Returns a column as of the last `commit`."""
        if name not in self._columns:
            self._columns[name] = Column(name, self.table.by_name[name])
        return self._columns[name]

    def columns(self) -> Sequence[Column]:
        """Returns all columns."""
        return [self.column(name) for name in self.table.columns]

    def find(
        self,
        place: int,
        column: str | None,
        kind: ErrorKind,
        evidence: str,
        repair: str | None = None,
    ) -> None:
        """Notes a finding; its repair is seen after the next `commit`."""
        if repair is not None and column is not None:
            self._waiting[self.dirty.ids[place], column] = repair
        elif (place, column) in self._found:
            return
        self._found[place, column] = kind, evidence, repair

    def places_of(self, column: str | None) -> Set[int]:
        """Returns the places of a column where something was found; without one, the rows as a whole."""
        return {place for place, name in self._found if name == column}

    def is_found(self, place: int, column: str) -> bool:
        """Returns whether something was found in a cell."""
        return (place, column) in self._found

    def commit(self) -> bool:
        """Applies the repairs; whether they change anything."""
        changed = {
            (row, name): new
            for (row, name), new in self._waiting.items()
            if self.table.cell(row, name) != new
        }
        self._waiting.clear()
        self.table = self.table.with_cells(changed)
        for name in {name for _, name in changed}:
            self._columns.pop(name, None)
        return bool(changed)

    def findings(self) -> Sequence[Finding]:
        """Returns what was found, in the order of columns and rows; rows as a whole come last."""
        order = {name: number for number, name in enumerate(self.dirty.columns)}
        found = [
            Finding(
                row=self.dirty.ids[place],
                column=column,
                value="" if column is None else self.dirty.by_name[column][place],
                kind=kind,
                evidence=evidence,
                repair=repair,
            )
            for (place, column), (kind, evidence, repair) in sorted(
                self._found.items(),
                key=lambda each: (order.get(each[0][1] or "", len(order)), each[0][0]),
            )
        ]
        return [each for each in found if each.column is None or each.repair != each.value]


def repairs(findings: Sequence[Finding]) -> Sequence[Edit]:
    """Returns the edits of the findings that have a repair."""
    return [
        Edit(
            kind=EditKind.MERGE if each.column is None else EditKind.CELL,
            rows=(each.row,) if each.column is not None else (each.repair, each.row),
            column=each.column,
            old=None if each.column is None else each.value,
            new=None if each.column is None else each.repair,
            error=each.kind,
            reason=each.evidence,
        )
        for each in findings
        if each.repair is not None
    ]
