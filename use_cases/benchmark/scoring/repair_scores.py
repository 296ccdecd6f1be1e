"""Repair: how many errors were repaired, at what damage to cells that were right, and which pairs of rows were
found to be one entity.

Promises: a score that cannot be computed is None, never 0; every cell of every table counts, also those
of dropped and invented rows. The definitions are those of Raha (Mahdavi and others, SIGMOD 2019) where it
has them; where a denominator is 0, Raha has 0. A removed row that is no duplicate is a false pair; a
duplicate that was kept in place of its original is compared with the original's true cells. The pairwise measure
is that of record linkage (Christen, Data Matching, 2012). Leaves to others: which cells are the same.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from use_cases.benchmark.model import Edit, EditKind, TextTable
from use_cases.benchmark.scoring.cell_equality import EqualityRule
from use_cases.benchmark.scoring.cell_outcomes import IS_RIGHT, CellCounts, CellOutcomes
from use_cases.kernel.statistics.intervals import wilson


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieval:
    """Precision, recall and F1 of things found against the true ones, each from 0 to 1.

    Precision is None where nothing was found but something was to be, recall where nothing was to be.
    F1 is 2 hits / (found + true): 1 where both are empty, 0 where one is.
    """

    precision: float | None
    recall: float | None
    f1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairScores:
    """The scores of one table under one rule.

    `repair` counts an edit of an error where the new value is the true one, `detection` whatever it is.
    `corruption_rate` is the share of right cells that are wrong now, with Wilson's 95 % interval.
    `error_reduction` is the share of errors that are gone, net of new ones: 0 for doing nothing, below 0
    for harm. `cell_accuracy` is the share of all cells that are right in the output.
    """

    counts: CellCounts
    repair: Retrieval
    detection: Retrieval
    corruption_rate: float | None
    corruption_interval: tuple[float, float] | None
    error_reduction: float | None
    cell_accuracy: float | None


def score_repair(counts: CellCounts) -> RepairScores:
    """Computes the scores from counts of cells."""
    wrong = counts.cells - counts.right
    return RepairScores(
        counts=counts,
        repair=retrieval(counts.repaired, counts.edits, counts.errors),
        detection=retrieval(counts.detected, counts.edits, counts.errors),
        corruption_rate=share(counts.damaged, counts.clean),
        corruption_interval=wilson(counts.damaged, counts.clean),
        error_reduction=share(counts.errors - wrong, counts.errors),
        cell_accuracy=share(counts.right, counts.cells),
    )


def retrieval(hits: int, found: int, true: int) -> Retrieval:
    """Precision, recall and F1 of `found` things, of which `hits` are among the `true` ones."""
    precision = share(hits, found)
    if precision is None and true == 0:
        precision = 1.0
    return Retrieval(
        precision=precision,
        recall=share(hits, true),
        f1=2 * hits / (found + true) if found + true else 1.0,
    )


def share(part: int, whole: int) -> float | None:
    """Returns the part of the whole; None of nothing."""
    return part / whole if whole else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateScores:
    """Pairs of rows of one entity, found and true; and the cells of the records that were kept.

    `survivor_accuracy` is the share of the true cells of every entity with duplicates that the record
    has which the output kept of it: None without such an entity.
    """

    true_pairs: int
    found_pairs: int
    pairs: Retrieval
    survivor_accuracy: float | None


def score_duplicates(
    dirty: TextTable,
    output: TextTable,
    duplicates: Mapping[str, str],
    claims: Iterable[Edit],
    survivors: CellOutcomes,
    rule: EqualityRule,
) -> DuplicateScores:
    """Compares the rows that were merged or removed with `duplicates`, each with its original.

    A merge is a group of rows, where those that it removes are really gone. Any other removed row belongs
    to the group of its entity, if a row of that was kept, else it is a pair with an unknown row: false.
    `survivors` are the outcomes where a duplicate stands in for its original.
    """
    groups = _Groups()
    removed = dirty.place_of.keys() - output.place_of.keys()
    merged = set[str]()
    for claim in claims:
        if claim.kind is EditKind.MERGE and removed.issuperset(claim.rows[1:]):
            groups.join(claim.rows)
            merged.update(claim.rows[1:])
    entity = {row: duplicates.get(row, row) for row in dirty.ids}
    kept = {entity[row]: row for row in reversed(dirty.ids) if row in output.place_of}
    alone = 0
    for row in removed - merged:
        if entity[row] in kept:
            groups.join((kept[entity[row]], row))
        else:
            alone += 1
    found = hits = 0
    for rows in groups.all():
        found += _pairs(len(rows))
        hits += sum(_pairs(n) for n in Counter(entity.get(row, row) for row in rows).values())
    true = sum(_pairs(n) for n in Counter(entity.values()).values())
    return DuplicateScores(
        true_pairs=true,
        found_pairs=found + alone,
        pairs=retrieval(hits, found + alone, true),
        survivor_accuracy=_survivor_accuracy(set(duplicates.values()), survivors, rule),
    )


def _pairs(rows: int) -> int:
    return rows * (rows - 1) // 2


def _survivor_accuracy(
    originals: Iterable[str], outcomes: CellOutcomes, rule: EqualityRule
) -> float | None:
    flags = outcomes.flags(product(originals, outcomes.tables.columns), rule)
    return share(int(np.count_nonzero(flags & IS_RIGHT)), len(flags))


class _Groups:
    """Disjoint groups of rows."""

    def __init__(self) -> None:
        self._group_of: dict[str, set[str]] = {}

    def join(self, rows: Sequence[str]) -> None:
        """Makes one group of these rows and of the groups they are in."""
        whole = set(rows).union(*(self._group_of.get(row, ()) for row in rows))
        self._group_of.update(dict.fromkeys(whole, whole))

    def all(self) -> Iterable[set[str]]:
        """Returns every group, once."""
        return {id(group): group for group in self._group_of.values()}.values()
