"""The groups of rows that a dependency holds together, and how many errors each may take.

Promises: while only permitted cells change, the right value of a group stays that of its majority. A
row is spoiled by a wrong cell in the dependent, or in a determinant, which takes it out of its group; it
is not spoiled twice, so that its other cell still says to which group it belongs.
"""

from collections import Counter
from collections.abc import Callable, Sequence

from use_cases.benchmark.model import Dependency, Difficulty, ErrorKind, Table

_SMALLEST = 5


class DependencyGroups:
    """The groups of all dependencies of a clean table, and their spoiled rows."""

    def __init__(self, table: Table, dependencies: Sequence[Dependency]) -> None:
        groups = [_Group(table, each) for each in dependencies]
        self._groups_of = {
            name: [group for group in groups if name in group.columns] for name in table.columns
        }

    def permits(
        self, column: str, kind: ErrorKind, level: Difficulty
    ) -> Sequence[Callable[[int], bool]]:
        """The tests that the place of a cell has to pass, now and later, before it becomes wrong.

        A broken dependency needs a group of at least 5 rows that agree, and spoils a fifth of it, or two
        fifths where errors are hard. Other errors leave the majority of a group right.
        """
        breaks = kind is ErrorKind.BROKEN_DEPENDENCY
        return [
            group.permits(level if breaks and column == group.dependent else None)
            for group in self._groups_of[column]
        ]

    def spoil(self, place: int, column: str) -> None:
        """Note that a cell is wrong now."""
        for group in self._groups_of[column]:
            group.spoil(place)


class _Group:
    def __init__(self, table: Table, dependency: Dependency) -> None:
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
