"""Finds functional dependencies in a dirty table, and groups its rows by them.

A dependency is accepted by how few rows break it (the g3 error of Kivinen and Mannila, 1995) and by how
much it says: Goodman and Kruskal's lambda, because a column that is nearly constant depends on anything.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import TypeAlias

from use_cases.benchmark.contestants.missing_values import is_missing
from use_cases.benchmark.model import Dependency, Table, TableColumn

DependentCounts: TypeAlias = Mapping[str, int]
"""How many rows of a group have each value of the dependent column; missing values are not counted."""

_SAMPLE = 4_000
_SLACK = 0.05
_LEAST_LAMBDA = 0.8
_LEAST_GROUP = 3.0


@dataclass(frozen=True, slots=True)
class GroupedRows:
    """The rows of a table, grouped by the determinants of a dependency.

    `keys` has the key of each row's group; a row with a missing determinant has a key that `counts` has
    not.
    """

    dependency: Dependency
    keys: Sequence[str]
    counts: Mapping[str, DependentCounts]

    def contested(self, table: Table) -> Iterator[int]:
        """The places of the rows whose dependent value is missing or not the first of its group."""
        winners = {
            key: max(counts, key=counts.__getitem__)
            for key, counts in self.counts.items()
            if counts
        }
        cells = table.by_name[self.dependency.dependent]
        for place, (key, value) in enumerate(zip(self.keys, cells, strict=True)):
            if winners.get(key, value) != value:
                yield place

    def votes_on(self, place: int) -> DependentCounts:
        """The values of the group that a row is in; none where it is in no group."""
        return self.counts.get(self.keys[place], {})


def group_rows(table: Table, dependency: Dependency) -> GroupedRows:
    """Count the dependent values of each group of rows. Rows without a determinant are in no group."""
    columns = [table.by_name[name] for name in dependency.determinants]
    keys: Sequence[str] = columns[0]
    if len(columns) > 1:
        keys = [
            "" if any(map(is_missing, cells)) else "\x1f".join(cells)
            for cells in zip(*columns, strict=True)
        ]
    return GroupedRows(dependency, keys, _groups(keys, table.by_name[dependency.dependent]))


def _groups(keys: Sequence[str], dependent: Sequence[str]) -> Mapping[str, DependentCounts]:
    groups = defaultdict[str, dict[str, int]](dict)
    for (key, value), count in Counter(zip(keys, dependent, strict=True)).items():
        groups[key][value] = count
    for key in [key for key in groups if is_missing(key)]:
        del groups[key]
    for counts in groups.values():
        for value in [value for value in counts if is_missing(value)]:
            del counts[value]
    return groups


def applicable(dependencies: Sequence[Dependency], table: Table) -> Sequence[Dependency]:
    """The dependencies whose columns the table has."""
    return [
        one
        for one in dict.fromkeys(dependencies)
        if {*one.determinants, one.dependent} <= table.by_name.keys()
    ]


def discover_dependencies(table: Table, least_g3: float = 0.9) -> Sequence[Dependency]:
    """The dependencies of one column on another that at least this share of rows keeps.

    Only groups of two rows and more count. Columns of nearly unique values determine nothing here. A pair
    that is far from holding on a sample of the rows, whose groups are smaller, is not counted out.
    """
    step = -(-len(table.ids) // _SAMPLE) or 1
    found = list[Dependency]()
    useful = [name for name in table.columns if _determines(table.by_name[name])]
    for determinant, dependent in permutations(table.columns, 2):
        if determinant not in useful:
            continue
        one, other = table.by_name[determinant], table.by_name[dependent]
        if step > 1 and not _holds(one[::step], other[::step], least_g3 - _SLACK):
            continue
        if _holds(one, other, least_g3):
            found.append(Dependency((determinant,), dependent))
    return found


def _determines(column: TableColumn) -> bool:
    """Whether a column has several values, and groups that are big enough for a vote."""
    values = [value for value in column if not is_missing(value)]
    return 1 < len(set(values)) * _LEAST_GROUP <= len(values)


def _holds(keys: Sequence[str], dependent: Sequence[str], least_g3: float) -> bool:
    kept = rows = 0
    values = Counter[str]()
    for counts in _groups(keys, dependent).values():
        size = sum(counts.values())
        if size > 1:
            kept += max(counts.values())
            rows += size
            values.update(counts)
    if not rows or kept < least_g3 * rows or len(values) == 1:
        return False
    mode = max(values.values())
    return kept - mode >= _LEAST_LAMBDA * (rows - mode)
