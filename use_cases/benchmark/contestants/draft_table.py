"""A dirty table as its detectors see it: columns with counts of their values, and the findings so far.

Promises: a column is counted once, until a repair changes it. What is found in a cell stays found: a later
finding takes its place only where it brings a repair.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from use_cases.benchmark.contestants.value_forms import WrittenNumber, date_readings, read_number
from use_cases.benchmark.model import Edit, EditKind, ErrorKind, Finding, TableColumn, TextTable
from use_cases.benchmark.scoring.cell_equality import is_missing

IntArray: TypeAlias = npt.NDArray[np.int32 | np.int64]

_SAMPLE = 400
_FEW_VALUES = 50_000
LEAST_CELLS = 8
"""The cells from which on a column has habits."""
_FREQUENT = 10
_SOME_FREQUENT = 3
_MOSTLY_DATES = 0.6
_MOSTLY_NUMBERS = 0.8
_USUAL = 0.12
_SOME_CODES = 0.02


@dataclass(frozen=True)
class Column:
    """A column with what detectors ask of it. Each of it is found once."""

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
    def values(self) -> Sequence[str]:
        """The different values that are not missing; the place of each is its code."""
        return list(self.known)

    @cached_property
    def code_of(self) -> Mapping[str, int]:
        """The code of each value, -1 for missing ones."""
        return self._code_of()

    def _code_of(self) -> Mapping[str, int]:
        codes = dict(zip(self.known, range(len(self.known)), strict=True))
        codes.update(dict.fromkeys(self.every.keys() - codes.keys(), -1))
        return codes

    @cached_property
    def codes(self) -> IntArray:
        """The code of each cell."""
        few = len(self.known) <= _FEW_VALUES
        code_of = self.code_of if few else self._code_of()
        codes = np.fromiter(map(code_of.__getitem__, self.cells), np.int32, len(self.cells))
        self.forget()
        return codes

    @cached_property
    def counts(self) -> IntArray:
        """How many cells have each code."""
        return np.bincount(self.codes[self.codes >= 0])

    @cached_property
    def total(self) -> int:
        """The number of cells that are not missing."""
        return sum(self.known.values())

    @property
    def often(self) -> int:
        """The cells from which on a value is frequent: 10, or a quarter of the cells of a short column."""
        return min(_FREQUENT, max(_SOME_FREQUENT, self.total // 4))

    def numbers(self) -> Iterator[tuple[str, WrittenNumber | None]]:
        """Yields each known value with what it is as a number: all of them take much memory."""
        return ((value, read_number(value)) for value in self.known)

    def forget(self) -> None:
        """Lets go of what takes much memory and is found again."""
        if len(vars(self).get("known", ())) > _FEW_VALUES:
            for name in ("every", "known", "values"):
                vars(self).pop(name, None)

    @cached_property
    def sample(self) -> Sequence[str]:
        """Some of the cells that are not missing, from the whole of the column."""
        step = self.total // _SAMPLE or 1
        return [value for value in self.cells[::step] if value in self.known]

    def mostly(self, holds: Callable[[str], object], share: float) -> bool:
        """Returns whether this share of the sample is so."""
        return sum(map(bool, map(holds, self.sample))) >= share * len(self.sample)

    def changed(self, cells: TableColumn, new: Mapping[int, str]) -> "Column":
        """Returns the column with some other cells, by their places."""
        made = Column(self.name, cells)
        if len(self.known) > _FEW_VALUES:
            return made  # its codes are in the order of its cells, whenever they are counted
        every = Counter(self.every)
        every.subtract(self.cells[place] for place in new)
        every.update(new.values())
        vars(made)["every"] = +every
        if len(made.known) > _FEW_VALUES:
            return Column(self.name, cells)
        code_of = made.code_of
        moved = np.array([*(code_of.get(value, -1) for value in self.values), -1], np.int32)
        codes = moved[self.codes]
        for place, value in new.items():
            codes[place] = code_of[value]
        vars(made)["codes"] = codes
        return made

    @cached_property
    def date_form(self) -> str | None:
        """The form in which most cells are written as dates; None where there is none."""
        forms = Counter(chain.from_iterable(map(date_readings, self.sample)))
        form, count = forms.most_common(1)[0] if forms else ("", 0)
        return form if form and count >= _MOSTLY_DATES * len(self.sample) else None

    @cached_property
    def number_ways(self) -> frozenset[tuple[str, str]]:
        """What stands around the numbers of a column and the marks of their decimals, where nearly all of
        its cells are numbers; nothing for other columns. Digits of which some begin with 0 are codes.
        """
        found = [each for each in map(read_number, self.sample) if each]
        codes = sum(
            value[0] == "0" and value.isdecimal() and len(value) > 1 for value in self.sample
        )
        few = len(found) < _MOSTLY_NUMBERS * len(self.sample) or self.total < LEAST_CELLS
        if few or codes > _SOME_CODES * len(self.sample):
            return frozenset()
        ways = Counter((each.around, each.mark) for each in found)
        usual = {way for way, count in ways.items() if count >= _USUAL * len(found)}
        usual.update([(around, "") for around, mark in usual if mark])
        kept = sum(ways[way] for way in usual)
        return frozenset(usual) if kept >= _MOSTLY_NUMBERS * len(self.sample) else frozenset()

    def share(self, values: Iterable[str]) -> float:
        """Returns the share of the known cells that have one of these different values."""
        return sum(map(self.known.__getitem__, values)) / (self.total or 1)

    def are_few(self, values: Iterable[str], share: float) -> bool:
        """Returns whether the cells with these different values are one, or no more than this share."""
        return sum(map(self.known.__getitem__, values)) <= max(1, share * self.total)

    def places_of(self, values: Iterable[str]) -> Sequence[int]:
        """Returns the places of the cells that have one of these values, in their order."""
        wanted = frozenset(values)
        if len(self.known) > _FEW_VALUES:
            return [place for place, value in enumerate(self.cells) if value in wanted]
        codes = [self.code_of[value] for value in wanted]
        if -1 in codes:
            return [place for place, value in enumerate(self.cells) if value in wanted]
        chosen = np.zeros(len(self.values) + 1, np.bool_)
        chosen[codes] = True
        return np.flatnonzero(chosen[self.codes]).tolist()


class DraftTable:
    """A dirty table, what was found in it, and its repairs so far."""

    def __init__(self, dirty: TextTable) -> None:
        self.dirty = dirty
        self.table = dirty
        """The table as of the last `commit`."""
        self._found: dict[tuple[int, str | None], Finding] = {}
        self._places = defaultdict[str | None, set[int]](set)
        self._columns: dict[str, Column] = {}
        self._waiting: dict[tuple[str, str], str] = {}

    def forget(self) -> None:
        """Lets go of what takes much memory and is found again."""
        for each in self._columns.values():
            each.forget()

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
        self._places[column].add(place)
        value = "" if column is None else self.dirty.by_name[column][place]
        row = self.dirty.ids[place]
        self._found[place, column] = Finding(row, column, value, kind, evidence, repair)

    def places_of(self, column: str | None) -> Set[int]:
        """Returns the places of a column where something was found; without one, the rows as a whole."""
        return self._places[column]

    def is_found(self, place: int, column: str) -> bool:
        """Returns whether something was found in a cell."""
        return place in self._places[column]

    def commit(self) -> bool:
        """Applies the repairs; whether they change anything."""
        changed = {
            (row, name): new
            for (row, name), new in self._waiting.items()
            if self.table.cell(row, name) != new
        }
        self._waiting.clear()
        self.table = self.table.with_cells(changed)
        by_column = defaultdict[str, dict[int, str]](dict)
        for (row, name), new in changed.items():
            by_column[name][self.table.place_of[row]] = new
        for name, cells in by_column.items():
            self._columns[name] = self.column(name).changed(self.table.by_name[name], cells)
        return bool(changed)

    def findings(self) -> Sequence[Finding]:
        """Returns what was found, in the order of columns and rows; rows as a whole come last."""
        order = {name: number for number, name in enumerate(self.dirty.columns)}
        found = sorted(
            self._found.items(),
            key=lambda each: (order.get(each[0][1] or "", len(order)), each[0][0]),
        )
        return [each for _, each in found if each.column is None or each.repair != each.value]


def repairs(findings: Sequence[Finding]) -> Sequence[Edit]:
    """Returns the edits of the findings that have a repair."""
    return [
        Edit(EditKind.MERGE, (each.repair, each.row), None, None, None, each.kind, each.evidence)
        if each.column is None
        else Edit(
            EditKind.CELL,
            (each.row,),
            each.column,
            each.value,
            each.repair,
            each.kind,
            each.evidence,
        )
        for each in findings
        if each.repair is not None
    ]
