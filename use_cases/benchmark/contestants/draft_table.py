"""A dirty table as its detectors see it: columns with counts of their values, and the findings so far.

Promises: a column is counted once, until a repair changes it. What is found in a cell stays found: a later
finding takes its place only where it brings a repair.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
import numpy.typing as npt

from use_cases.benchmark.contestants.value_forms import (
    Numbers,
    date_readings,
    read_number,
    read_numbers,
    shape,
)
from use_cases.benchmark.model import Edit, EditKind, ErrorKind, Finding, TextTable
from use_cases.benchmark.scoring.cell_equality import NO_MARKERS_START, is_missing
from use_cases.benchmark.table_column import IntArray, PackedTexts, Places, TableColumn

_SAMPLE = 400
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
    def _missing(self) -> npt.NDArray[np.bool_]:
        missing = np.zeros(len(self.cells.texts), np.bool_)
        codes = self.cells.codes_beside(NO_MARKERS_START)
        missing[codes] = list(map(is_missing, self.cells.texts_of(codes)))
        return missing

    @property
    def _every(self) -> IntArray:
        return np.bincount(self.cells.codes, minlength=len(self._missing))

    @cached_property
    def absent(self) -> Mapping[str, int]:
        """Counts the values that are missing."""
        return self._counted(self._every, np.flatnonzero(self._missing))

    @cached_property
    def known(self) -> Mapping[str, int]:
        """Counts the values that are not missing."""
        return self.frequent(1)

    def frequent(self, least: float) -> Mapping[str, int]:
        """Counts the values that at least so many cells have and that are not missing."""
        return self.known_among(np.flatnonzero(self.counts >= least))

    def known_among(self, codes: IntArray) -> Mapping[str, int]:
        """Counts those of these values that are not missing."""
        return self._counted(self.counts, codes)

    def _counted(self, counts: IntArray, codes: IntArray) -> Mapping[str, int]:
        codes = codes[counts[codes] > 0]
        return dict(zip(self.cells.texts_of(codes), counts[codes].tolist(), strict=True))

    @property
    def values(self) -> Sequence[str]:
        """The different values; the place of each is its code."""
        return self.cells.texts

    @cached_property
    def code_of(self) -> Mapping[str, int]:
        """The code of each value that is not missing."""
        return {value: code for code, value in enumerate(self.values) if not self._missing[code]}

    @property
    def codes(self) -> IntArray:
        """The code of each cell, -1 for missing ones."""
        codes, missing = self.cells.codes, self._missing
        return np.where(missing[codes], codes.dtype.type(-1), codes) if missing.any() else codes

    @cached_property
    def counts(self) -> IntArray:
        """How many cells have each code; none have those of missing values."""
        return np.where(self._missing, 0, self._every)

    @cached_property
    def different(self) -> int:
        """The number of different values that are not missing."""
        return int(np.count_nonzero(self.counts))

    @cached_property
    def total(self) -> int:
        """The number of cells that are not missing."""
        return int(self.counts.sum())

    def count_at(self, place: int) -> int:
        """Returns how many cells have the value of this one; 0 for a missing one."""
        return int(self.counts[self.cells.codes[place]])

    @property
    def often(self) -> int:
        """The cells from which on a value is frequent: 10, or a quarter of the cells of a short column."""
        return min(_FREQUENT, max(_SOME_FREQUENT, self.total // 4))

    @cached_property
    def shapes(self) -> TableColumn:
        """The shape of each value."""
        values = self.values
        packed = isinstance(values, PackedTexts)
        return TableColumn(values.mapped(shape) if packed else map(shape, values))

    @cached_property
    def numbers(self) -> Numbers:
        """The number of each value that is written as most of the column are, not a number for others."""
        numbers, ways, every = read_numbers(self.values)
        usual = np.array([way in self.number_ways for way in every])
        return np.where((self.counts > 0) & usual[ways], numbers, np.nan)

    @cached_property
    def days(self) -> Numbers:
        """The ordinal of each value that is a day in the form of the column, not a number for others."""
        form = self.date_form or ""
        days = (date_readings(value).get(form) for value in self.values)
        ordinals = [day.toordinal() if day else np.nan for day in days]
        return np.where(self.counts > 0, ordinals, np.nan)

    def forget(self) -> None:
        """Lets go of what takes much memory and is found again."""
        for name in ("known", "code_of", "counts", "sample", "shapes", "numbers", "days"):
            vars(self).pop(name, None)

    @cached_property
    def sample(self) -> Sequence[str]:
        """Some of the cells that are not missing, from the whole of the column."""
        codes = self.codes
        known = codes[codes >= 0]
        return list(self.cells.texts_of(known[:: len(known) // _SAMPLE or 1]))

    def mostly(self, holds: Callable[[str], object], share: float) -> bool:
        """Returns whether this share of the sample is so."""
        return sum(map(bool, map(holds, self.sample))) >= share * len(self.sample)

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

    def texts_of(self, meant: Places) -> Iterator[str]:
        """Returns the values that are meant, by their codes, and that a cell has."""
        return self.cells.texts_of(np.flatnonzero(meant & (self.counts > 0)))

    def share(self, meant: Places) -> float:
        """Returns the share of the known cells that have one of the values that are meant, by their codes."""
        return int(self.counts[meant].sum()) / (self.total or 1)


class DraftTable:
    """A dirty table, what was found in it, and its repairs so far."""

    def __init__(self, dirty: TextTable) -> None:
        self.dirty = dirty
        self.table = dirty
        """The table as of the last `commit`."""
        self._found = defaultdict[str | None, dict[int, Finding]](dict)
        self._columns: dict[str, Column] = {}
        self._waiting: dict[tuple[str, str], str] = {}

    def column(self, name: str) -> Column:
        """Returns a column as of the last `commit`."""
        if name not in self._columns:
            self._columns[name] = Column(name, self.table.by_name[name])
        return self._columns[name]

    def columns(self) -> Iterator[Column]:
        """Yields all columns; what takes much memory in one is found again after it."""
        for column in map(self.column, self.table.columns):
            yield column
            column.forget()

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
        elif place in self._found[column]:
            return
        value = "" if column is None else self.dirty.by_name[column][place]
        row = self.dirty.ids[place]
        self._found[column][place] = Finding(row, column, value, kind, evidence, repair)

    def places_of(self, column: str | None) -> Set[int]:
        """Returns the places of a column where something was found; without one, the rows as a whole."""
        return self._found[column].keys()

    def commit(self) -> bool:
        """Applies the repairs; whether they change anything."""
        waiting, self._waiting = self._waiting, {}
        changed = {at: new for at, new in waiting.items() if self.table.cell(*at) != new}
        self.table = self.table.with_cells(changed)
        for _, name in changed:
            self._columns.pop(name, None)
        return bool(changed)

    def findings(self) -> Sequence[Finding]:
        """Returns what was found, in the order of columns and rows; rows as a whole come last."""
        columns = (self._found[name] for name in (*self.dirty.columns, None))
        found = (column[place] for column in columns for place in sorted(column))
        return [each for each in found if each.column is None or each.repair != each.value]


def repairs(findings: Sequence[Finding]) -> Sequence[Edit]:
    """Returns the edits of the findings that have a repair."""
    edits = list[Edit]()
    for each in findings:
        why = each.kind, each.evidence
        if each.repair is not None and each.column is None:
            edits.append(Edit(EditKind.MERGE, (each.repair, each.row), None, None, None, *why))
        elif each.repair is not None:
            change = each.column, each.value, each.repair
            edits.append(Edit(EditKind.CELL, (each.row,), *change, *why))
    return edits
