"""The evidence in a dirty table for the truth of its errors (BART: repairability).

Evidence is a dependency whose other rows agree on the right value; for a misspelling, the right value in
other rows, or the form that the rest of the column has; for a unit, a number beyond all others; for
fields that changed places, each other. A value that is gone without such a trace is not repairable, so
that recall can be given over repairable errors as well.

Promises: while only permitted cells change, the right value of a group of a dependency stays that of its
majority. A row is spoiled by a wrong cell in the dependent, or in a determinant, which takes it out of its
group; it is not spoiled twice, so that its other cell still says to which group it belongs.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from use_cases.benchmark.injection.column_site import CleanColumn
from use_cases.benchmark.injection.text_changes import number_in
from use_cases.benchmark.model import (
    Dependency,
    Difficulty,
    ErrorKind,
    InjectedError,
    TableSchema,
    TextTable,
    ValueKind,
)

_SMALLEST = 5


class DependencyGroups:
    """The groups of all dependencies of a clean table, and their spoiled rows."""

    def __init__(self, table: TextTable, dependencies: Sequence[Dependency]) -> None:
        groups = [_Group(table, each) for each in dependencies]
        self._groups_of = {
            name: [group for group in groups if name in group.columns] for name in table.columns
        }

    def permits(
        self, column: str, kind: ErrorKind, level: Difficulty
    ) -> Sequence[Callable[[int], bool]]:
        """Returns the tests that the place of a cell has to pass, now and later, before it becomes
        wrong.

        A broken dependency needs a group of at least 5 rows that agree, and spoils a fifth of it, or two
        fifths where errors are hard. Other errors leave the majority of a group right.
        """
        breaks = kind is ErrorKind.BROKEN_DEPENDENCY
        return [
            group.permits(level if breaks and column == group.dependent else None)
            for group in self._groups_of[column]
        ]

    def spoil(self, place: int, column: str) -> None:
        """Notes that a cell is wrong now."""
        for group in self._groups_of[column]:
            group.spoil(place)


class _Group:
    def __init__(self, table: TextTable, dependency: Dependency) -> None:
        self.dependent = dependency.dependent
        self.columns = frozenset((*dependency.determinants, dependency.dependent))
        keys = list(zip(*(table.by_name[name] for name in dependency.determinants), strict=True))
        numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
        self._of = [numbers[key] for key in keys]
        self._sizes = Counter(self._of)
        values: dict[int, str] = {}
        self._torn = {
            group
            for group, value in zip(self._of, table.by_name[self.dependent], strict=True)
            if values.setdefault(group, value) != value
        }
        self._spoiled = Counter[int]()
        self._spoiled_rows: set[int] = set()

    def permits(self, broken: Difficulty | None) -> Callable[[int], bool]:
        allowed = {group: self._allowed(group, broken) for group in self._sizes}
        of, spoiled, rows = self._of, self._spoiled, self._spoiled_rows
        return lambda place: place not in rows and spoiled[of[place]] < allowed[of[place]]

    def _allowed(self, group: int, broken: Difficulty | None) -> int:
        size = self._sizes[group]
        if broken is None:
            return max((size - 1) // 2, size == 1)
        if size < _SMALLEST or group in self._torn:
            return 0
        return size * (2 if broken is Difficulty.HARD else 1) // 5

    def spoil(self, place: int) -> None:
        self._spoiled_rows.add(place)
        self._spoiled[self._of[place]] += 1


_MISSPELT = (ErrorKind.TYPO, ErrorKind.FORMAT_VARIANT, ErrorKind.TRANSPOSED_DIGITS)


class WrongCell(NamedTuple):
    """A cell of the dirty table that is wrong: the place of its row, its clean column, and its text."""

    place: int
    column: CleanColumn
    kind: ErrorKind
    new: str

    @property
    def old(self) -> str:
        """The right text."""
        return self.column.cells[self.place]


def labelled(
    wrong: Iterable[WrongCell], dirty: TextTable, schema: TableSchema
) -> Sequence[InjectedError]:
    """Returns the errors of cells with their evidence, by row, then by column.

    `dirty` has its rows in the order of the clean table.
    """
    rank = {name: place for place, name in enumerate(sorted(dirty.columns))}
    votes: dict[str, list[_Votes]] = {name: [] for name in dirty.columns}
    for each in schema.dependencies:
        votes[each.dependent].append(_Votes(dirty, each))
    counts = {name: Counter(cells) for name, cells in dirty.by_name.items()}
    found: dict[int, InjectedError] = {}
    for cell in wrong:
        name = cell.column.name
        said = _dependency(cell, votes[name]) or _trace(cell, counts[name])
        found[cell.place * len(rank) + rank[name]] = InjectedError(
            row=dirty.ids[cell.place],
            column=name,
            kind=cell.kind,
            old=cell.old,
            new=cell.new,
            repairable=bool(said),
            evidence=said,
        )
    return [found[cell] for cell in sorted(found)]


class _Votes:
    """Values of the rows in each group of a dependency, in the dirty table."""

    def __init__(self, dirty: TextTable, dependency: Dependency) -> None:
        self.dependent = dependency.dependent
        self.name = ", ".join(dependency.determinants)
        self._group_of = list(
            zip(*(dirty.by_name[name] for name in dependency.determinants), strict=True)
        )
        self._votes: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
        for group, value in zip(self._group_of, dirty.by_name[self.dependent], strict=True):
            self._votes[group][value] += 1
        self._winners: dict[tuple[str, ...], str | None] = {}

    def of(self, place: int, right: str) -> str:
        """Returns the evidence where a group of at least 3 rows has the right value most often."""
        group = self._group_of[place]
        if group not in self._winners:
            self._winners[group] = _winner(self._votes[group])
        if self._winners[group] != right:
            return ""
        votes = self._votes[group]
        return f"{votes[right]} of {votes.total()} rows of the same {self.name} have it"


def _winner(votes: Counter[str]) -> str | None:
    """Returns the most frequent of at least 3 values; None where two are equally frequent."""
    highest = max(votes.values())
    most = [value for value, count in votes.items() if count == highest]
    return most[0] if len(most) == 1 and votes.total() >= 3 else None


def _dependency(cell: WrongCell, votes: Iterable[_Votes]) -> str:
    for each in votes:
        if said := each.of(cell.place, cell.old):
            return said
    return ""


def _trace(cell: WrongCell, counts: Mapping[str, int]) -> str:
    times = counts.get(cell.old, 0)
    if cell.kind is ErrorKind.SWAPPED_FIELDS:
        return "another field of the row has it"
    if cell.kind in _MISSPELT and times:
        return f"{times} other rows have it"
    if cell.kind is ErrorKind.FORMAT_VARIANT and _keeps_value(cell):
        return "the form of the other cells of the column"
    if cell.kind is ErrorKind.WRONG_UNIT and _is_beyond(cell):
        return "a number beyond all others of the column"
    return ""


def _keeps_value(cell: WrongCell) -> bool:
    """Returns whether the other form has one reading: not so where day and month may be exchanged."""
    if cell.column.kind is ValueKind.DATE:
        return "/" not in cell.new
    if cell.column.kind is ValueKind.NUMBER:
        return "," in cell.new[-3:]
    new = cell.new
    case = (new.title(), new.capitalize(), new.lower(), new.upper())
    return cell.old in case or cell.old.casefold() != new.casefold()


def _is_beyond(cell: WrongCell) -> bool:
    number = number_in(cell.new)
    return number is not None and number > cell.column.largest
