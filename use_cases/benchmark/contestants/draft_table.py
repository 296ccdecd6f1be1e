"""A dirty table as its detectors see it: columns with counts of their values, and the findings so far.

Promises: a column is counted once, until a repair changes it. What is found in a cell stays found: a later
finding takes its place only where it brings a repair.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
import numpy.typing as npt

from use_cases.benchmark.contestants.value_forms import WrittenNumber, date_readings, read_number
from use_cases.benchmark.model import Edit, EditKind, ErrorKind, Finding, TextTable
from use_cases.benchmark.scoring.cell_equality import is_missing
from use_cases.benchmark.table_column import IntArray, TableColumn

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
        texts = self.cells.texts
        return np.fromiter(map(is_missing, texts), np.bool_, len(texts))

    @property
    def _every(self) -> IntArray:
        return np.bincount(self.cells.codes, minlength=len(self._missing))

    @cached_property
    def absent(self) -> Mapping[str, int]:
        """Counts the values that are missing."""
        return self._counted(np.where(self._missing, self._every, 0), 1)

    @cached_property
    def known(self) -> Mapping[str, int]:
        """Counts the values that are not missing."""
        return self.frequent(1)

    def frequent(self, least: float) -> Mapping[str, int]:
        """Counts the values that at least so many cells have and that are not missing."""
        return self._counted(self.counts, least)

    def _counted(self, counts: IntArray, least: float) -> Mapping[str, int]:
        codes = np.flatnonzero(counts >= least)
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

    def numbers(self) -> Iterator[tuple[str, WrittenNumber | None]]:
        """Yields each known value with what it is as a number: all of them take much memory."""
        return ((value, read_number(value)) for value in self.known)

    def forget(self) -> None:
        """Lets go of what takes much memory and is found again."""
        for name in ("known", "code_of", "counts", "sample"):
            vars(self).pop(name, None)

    @cached_property
    def sample(self) -> Sequence[str]:
        """Some of the cells that are not missing, from the whole of the column."""
        codes = self.codes[:: self.total // _SAMPLE or 1]
        some: list[int] = codes[codes >= 0].tolist()
        return [self.values[code] for code in some]

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

    def share(self, values: Iterable[str]) -> float:
        """Returns the share of the known cells that have one of these different values."""
        return sum(map(self.known.__getitem__, values)) / (self.total or 1)

    def are_few(self, values: Iterable[str], share: float) -> bool:
        """Returns whether the cells with these different values are one, or no more than this share."""
        return sum(map(self.known.__getitem__, values)) <= max(1, share * self.total)


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
