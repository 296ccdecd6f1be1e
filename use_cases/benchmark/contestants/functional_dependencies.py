"""Finds functional dependencies in a dirty table, and groups its rows by them.

A dependency is accepted by how few rows break it (the g3 error of Kivinen and Mannila, 1995), by how
much it says, Goodman and Kruskal's lambda, because a column that is nearly constant depends on anything, and
where chance is ruled out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from use_cases.benchmark.contestants.draft_table import Column, DraftTable
from use_cases.benchmark.model import Dependency, TextTable
from use_cases.benchmark.table_column import IntArray

_MOST_DETERMINANTS = 8
"""The determinants of a column that are measured on all rows."""
_MOST_ROW_PAIRS = 600
"""So many pairs of rows are looked at for each determinant."""
_LEAST_AGREEING = 0.6
_SCATTERED = 0.05
_LEAST_GROUP = 3.0
_FALSE_IN_A_TABLE = 0.01
_MOST_COUNTED = 8_000_000
LEAST_STRENGTH = 0.8
"""The lambda of a dependency that says something: four of five errors are spared."""


@dataclass(frozen=True, slots=True)
class GroupedRows:
    """The rows of a table, grouped by the determinants of a dependency, with the counts of the dependent
    values; missing values are not counted.

    `keys` has the number of each row's group, -1 for a row that lacks a determinant. `sizes`, `winners` and
    `support` have for each group its known rows, the code of its most frequent value, and its count; their last
    entry is of no group.
    """

    dependency: Dependency
    dependent: Column
    keys: IntArray
    sizes: IntArray
    winners: IntArray
    support: IntArray
    values: IntArray
    counts: IntArray
    starts: IntArray

    def contested(self) -> Sequence[int]:
        """Returns the places of the rows whose dependent value is missing or not the first of its
        group.
        """
        winners = self.winners[self.keys]
        return np.flatnonzero((winners >= 0) & (winners != self.dependent.codes)).tolist()

    def votes_on(self, place: int) -> Mapping[str, int]:
        """Returns how many rows of the group that a row is in have each value, the most frequent one first."""
        group = int(self.keys[place])
        part = slice(self.starts[group], self.starts[group + 1])  # empty for -1
        names = self.dependent.values
        codes: list[int] = self.values[part].tolist()
        counts: list[int] = self.counts[part].tolist()
        return {names[code]: count for code, count in zip(codes, counts, strict=True)}

    def winner(self, group: int) -> str | None:
        """Returns the most frequent value of a group; None where it has none, and for -1."""
        code = int(self.winners[group])
        return self.dependent.values[code] if code >= 0 else None

    def big(self, least: int) -> set[str]:
        """Returns the winners of the groups of so many rows."""
        codes: list[int] = self.winners[self.sizes >= least].tolist()
        return {self.dependent.values[code] for code in set(codes)}


def group_rows(draft: DraftTable, dependency: Dependency) -> GroupedRows:
    """Counts the dependent values of each group of rows. Rows without a determinant are in no group.

    The number of a group is the code of its determinant, where that is one column.
    """
    columns = [draft.column(name) for name in dependency.determinants]
    keys, groups = columns[0].codes, len(columns[0].counts)
    for column in columns[1:]:
        missing = (keys < 0) | (column.codes < 0)
        joined = np.where(missing, -1, keys.astype(np.int64) * len(column.counts) + column.codes)
        numbers, keys = np.unique(joined, return_inverse=True)
        keys = keys - int(missing.any())
        groups = len(numbers) - int(missing.any())
    return _grouped(dependency, keys, groups, draft.column(dependency.dependent))


def _grouped(dependency: Dependency, keys: IntArray, groups: int, dependent: Column) -> GroupedRows:
    width = len(dependent.counts) or 1
    valid = (keys >= 0) & (dependent.codes >= 0)
    pairs = keys[valid].astype(np.int64) * width + dependent.codes[valid]
    if groups * width <= _MOST_COUNTED:
        every = np.bincount(pairs, minlength=1)
        found = np.flatnonzero(every)
        counts = every[found]
    else:
        found, counts = np.unique(pairs, return_counts=True)
    numbers, values = found // width, found % width
    order = np.lexsort((-counts, numbers))
    numbers, values, counts = numbers[order], values[order], counts[order]
    sizes = np.bincount(numbers, weights=counts, minlength=groups + 1).astype(np.int64)
    starts = np.searchsorted(numbers, np.arange(groups + 2))
    filled = sizes > 0
    winners, support = np.full(groups + 1, -1), np.zeros(groups + 1, np.int64)
    winners[filled], support[filled] = values[starts[:-1][filled]], counts[starts[:-1][filled]]
    return GroupedRows(dependency, dependent, keys, sizes, winners, support, values, counts, starts)


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


def measure_dependencies(draft: DraftTable, least: float) -> Sequence[FoundDependency]:
    """Returns the dependencies of one column on another that at least this share of rows keeps.

    Only groups of two rows and more count. Columns of nearly unique values determine nothing here. All
    pairs of columns are looked at, on pairs of rows that have one value of the determinant; for each
    column the most promising determinants are then measured on all rows.
    """
    measured = (measure_dependency(draft, pair) for pair in _promising(draft))
    return [found for found in measured if found and found.kept >= least]


def measure_dependency(draft: DraftTable, dependency: Dependency) -> FoundDependency | None:
    """Measures one dependency on all rows; None where no two rows can be compared, or all have one value."""
    grouped = group_rows(draft, dependency)
    several = grouped.sizes > 1
    rows, kept = int(grouped.sizes[several].sum()), int(grouped.support[several].sum())
    numbers = np.repeat(np.arange(len(grouped.sizes)), np.diff(grouped.starts))
    inside = several[numbers]
    counts, sizes = grouped.counts[inside], grouped.sizes[numbers][inside]
    values = np.bincount(grouped.values[inside], weights=counts)
    if np.count_nonzero(values) < 2:
        return None
    odd = grouped.support[numbers][inside] < sizes
    scattered = float(counts[odd & (counts <= np.maximum(1, sizes * _SCATTERED))].sum())
    mode = float(values.max())
    by_chance = float((values**2).sum()) / rows**2
    groups = int(several.sum())
    agreeing = float((counts * counts / sizes).sum()) - groups
    return FoundDependency(
        dependency,
        kept / rows,
        (kept - mode) / (rows - mode),
        scattered / (rows - kept) if kept < rows else 1.0,
        (rows - groups) * _divergence(agreeing / (rows - groups), by_chance),
    )


def _divergence(share: float, chance: float) -> float:
    """Returns Kullback and Leibler's divergence of two shares, 0 where the first is not the larger."""
    if share <= chance:
        return 0.0
    rest = (1 - share) * log((1 - share) / (1 - chance)) if share < 1 else 0.0
    return share * log(share / chance) + rest


def _promising(draft: DraftTable) -> Iterator[Dependency]:
    """Returns for each column the determinants with which pairs of rows agree in it most often."""
    columns = list(draft.columns())
    pairs = dict[int, IntArray]()
    for at, column in enumerate(columns):
        if 1 < column.different <= column.total / _LEAST_GROUP:
            pairs[at] = _alike(column)
        column.forget()
    if not pairs:
        return
    starts = np.cumsum([0, *(each.shape[1] for each in pairs.values())])[:-1]
    determinants = list(pairs)
    left, right = np.concatenate(list(pairs.values()), axis=1)
    del pairs  # of a wide table they take as much as its file
    for other, column in enumerate(columns):
        one, two = column.codes[left], column.codes[right]
        known = (one >= 0) & (two >= 0)
        both, agreed = (
            np.add.reduceat(each, starts, dtype=np.int16) for each in (known, known & (one == two))
        )
        shares = zip((agreed / np.maximum(both, 1)).tolist(), determinants, strict=True)
        ranked = [each for each in shares if each[0] >= _LEAST_AGREEING and each[1] != other]
        for _, at in sorted(ranked, key=lambda each: -each[0])[:_MOST_DETERMINANTS]:
            yield Dependency((columns[at].name,), column.name)


def _alike(column: Column) -> IntArray:
    """Returns the places of some pairs of rows that have one value."""
    order = np.argsort(column.codes, kind="stable")
    ordered = column.codes[order]
    alike = np.flatnonzero((ordered[1:] == ordered[:-1]) & (ordered[1:] >= 0))
    alike = alike[:: -(-len(alike) // _MOST_ROW_PAIRS) or 1]
    return np.stack([order[alike], order[alike + 1]]).astype(np.int32)
