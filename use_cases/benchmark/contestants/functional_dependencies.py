"""Finds functional dependencies in a dirty table, and groups its rows by them.

A dependency is accepted by how few rows break it (the g3 error of Kivinen and Mannila, 1995) and by how
much it says: Goodman and Kruskal's lambda, because a column that is nearly constant depends on anything.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import TypeAlias

from use_cases.benchmark.model import Dependency, TableColumn, TextTable
from use_cases.benchmark.scoring.cell_equality import is_missing
from use_cases.kernel.statistics.figures import counted

DependentCounts: TypeAlias = Mapping[str, int]
"""How many rows of a group have each value of the dependent column; missing values are not counted."""

_SAMPLE = 4_000
_MOST_PAIRS = 40_000
"""Pairs of columns that are measured; a few milliseconds each for a large table."""

_SLACK = 0.05
_SCATTERED = 0.05
_LEAST_KEPT = 0.9
_LEAST_GROUP = 3.0
_FALSE_IN_A_TABLE = 0.01
LEAST_STRENGTH = 0.8
"""The lambda of a dependency that says something: four of five errors are spared."""


@dataclass(frozen=True, slots=True)
class GroupedRows:
    """The rows of a table, grouped by the determinants of a dependency.

    `keys` has the key of each row's group; a row with a missing determinant has a key that `counts` has
    not.
    """

    dependency: Dependency
    keys: Sequence[str]
    counts: Mapping[str, DependentCounts]

    def contested(self, table: TextTable) -> Iterator[int]:
        """Returns the places of the rows whose dependent value is missing or not the first of its
        group.
        """
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
        """Returns the values of the group that a row is in; none where it is in no group."""
        return self.counts.get(self.keys[place], {})


def group_rows(table: TextTable, dependency: Dependency) -> GroupedRows:
    """Counts the dependent values of each group of rows. Rows without a determinant are in no group."""
    columns = [table.by_name[name] for name in dependency.determinants]
    keys: Sequence[str] = columns[0]
    if len(columns) > 1:
        keys = [
            "" if any(map(is_missing, cells)) else "\x1f".join(cells)
            for cells in zip(*columns, strict=True)
        ]
    dependent = table.by_name[dependency.dependent]
    return GroupedRows(
        dependency, keys, _groups(keys, dependent, _missing(keys) | _missing(dependent))
    )


def _missing(cells: Sequence[str]) -> frozenset[str]:
    return frozenset(value for value in set(cells) if is_missing(value))


def _groups(
    keys: Sequence[str], dependent: Sequence[str], missing: frozenset[str]
) -> Mapping[str, DependentCounts]:
    groups = defaultdict[str, dict[str, int]](dict)
    for (key, value), count in Counter(zip(keys, dependent, strict=True)).items():
        if key not in missing:
            counts = groups[key]
            if value not in missing:
                counts[value] = count
    return groups


def applicable(dependencies: Sequence[Dependency], table: TextTable) -> Sequence[Dependency]:
    """Returns the dependencies whose columns the table has."""
    return [
        one
        for one in dict.fromkeys(dependencies)
        if {*one.determinants, one.dependent} <= table.by_name.keys()
    ]


@dataclass(frozen=True, slots=True)
class FoundDependency:
    """A dependency of one column on another, as far as a table keeps it.

    `kept` is the share of rows that keep it (1 less the g3 error), `strength` is lambda: the share of the
    errors of guessing the most frequent value that the determinant spares. `scattered` is the share of
    the exceptions whose value is rare in its group, as errors are and second meanings are not. `surprise`
    bounds how far from chance it is: rows that agree with another of their group do so by chance with a
    probability of at most e to the minus `surprise` (Chernoff and Hoeffding).
    """

    dependency: Dependency
    kept: float
    strength: float
    scattered: float
    surprise: float


def is_no_chance(found: FoundDependency, table: TextTable) -> bool:
    """Returns whether less than one false dependency is expected in a hundred tables of as many columns."""
    pairs = len(table.columns) * (len(table.columns) - 1)
    return found.surprise >= log(max(pairs, 1) / _FALSE_IN_A_TABLE)


def discover_dependencies(table: TextTable) -> Sequence[Dependency]:
    """Returns the dependencies of one column on another that nine in ten rows keep, and that say
    something.
    """
    found = measure_dependencies(table, _LEAST_KEPT)
    return [one.dependency for one in found if one.strength >= LEAST_STRENGTH]


def measure_dependencies(table: TextTable, least: float) -> Sequence[FoundDependency]:
    """Returns the dependencies of one column on another that at least this share of rows keeps.

    Only groups of two rows and more count. Columns of nearly unique values determine nothing here. A pair
    that is far from holding on a sample of the rows, whose groups are smaller, is not counted out. In a
    table of more than some 140 columns only those that stand near each other are compared.
    """
    step = -(-len(table.ids) // _SAMPLE) or 1
    missing = {name: _missing(cells) for name, cells in table.by_name.items()}
    useful = [name for name in table.columns if _determines(table.by_name[name], missing[name])]
    found = list[FoundDependency]()
    for determinant, dependent in _pairs(useful, table.columns):
        one, other = table.by_name[determinant], table.by_name[dependent]
        none = missing[determinant] | missing[dependent]
        pair = Dependency((determinant,), dependent)
        sampled = _measure(pair, _groups(one[::step], other[::step], none))
        if sampled and sampled.kept >= least - _SLACK:
            measured = _measure(pair, _groups(one, other, none)) if step > 1 else sampled
            if measured and measured.kept >= least:
                found.append(measured)
    return found


def measure_dependency(table: TextTable, dependency: Dependency) -> FoundDependency | None:
    """Measures one dependency on all rows; None where no two rows can be compared."""
    return _measure(dependency, group_rows(table, dependency).counts)


def unsearched(table: TextTable) -> str:
    """Returns which pairs of columns are not measured, in a sentence; empty where all are."""
    useful = sum(_determines(cells, _missing(cells)) for cells in table.values)
    reach, columns = _reach(useful), len(table.columns)
    if reach + 1 >= columns:
        return ""
    return (
        f"Dependencies were searched only between columns at most {counted(reach, 'place')} apart,"
        f" as the table has {columns:,} columns."
    )


def _reach(determinants: int) -> int:
    """Returns how far apart the columns of a pair may be, so that there are at most `_MOST_PAIRS`."""
    return max(1, _MOST_PAIRS // (2 * determinants or 1))


def _pairs(determinants: Sequence[str], columns: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Returns the pairs of different columns that are near enough to each other."""
    reach = _reach(len(determinants))
    place_of = {name: place for place, name in enumerate(columns)}
    for determinant in determinants:
        at = place_of[determinant]
        near = (*columns[max(0, at - reach) : at], *columns[at + 1 : at + 1 + reach])
        yield from ((determinant, dependent) for dependent in near)


def _determines(cells: TableColumn, missing: frozenset[str]) -> bool:
    """Returns whether a column has several values, and groups that are big enough for a vote."""
    values = len(set(cells) - missing)
    return values > 1 and values * _LEAST_GROUP <= sum(value not in missing for value in cells)


def _measure(
    dependency: Dependency, groups: Mapping[str, DependentCounts]
) -> FoundDependency | None:
    """None where no two rows can be compared, or all have one value."""
    kept = rows = scattered = groups_of_several = 0
    agreeing = 0.0
    values = Counter[str]()
    for counts in groups.values():
        size = sum(counts.values())
        if size > 1:
            most = max(counts.values())
            kept += most
            rows += size
            groups_of_several += 1
            agreeing += sum(count * count for count in counts.values()) / size - 1
            if most < size:
                rare = max(1, size * _SCATTERED)
                scattered += sum(count for count in counts.values() if count <= rare)
            values.update(counts)
    if len(values) < 2:
        return None
    mode = max(values.values())
    strength = (kept - mode) / (rows - mode)
    by_chance = sum(count * count for count in values.values()) / rows**2
    others = rows - groups_of_several
    return FoundDependency(
        dependency,
        kept / rows,
        strength,
        scattered / (rows - kept) if kept < rows else 1.0,
        others * _divergence(agreeing / others, by_chance),
    )


def _divergence(share: float, chance: float) -> float:
    """Returns Kullback and Leibler's divergence of two shares, 0 where the first is not the larger."""
    if share <= chance:
        return 0.0
    rest = (1 - share) * log((1 - share) / (1 - chance)) if share < 1 else 0.0
    return share * log(share / chance) + rest
