"""Repair: how many errors were repaired, at what damage to cells that were right, and which pairs of rows were
found to be one entity. Drift: does the output distribute its values as the truth does?

Promises: a score that cannot be computed is None, never 0; every cell of every table counts, also those
of dropped and invented rows. The definitions are those of Raha (Mahdavi and others, SIGMOD 2019) where it
has them; where a denominator is 0, Raha has 0. A removed row that is no duplicate is a false pair; a
duplicate that was kept in place of its original is compared with the original's true cells. The pairwise measure
is that of record linkage (Christen, Data Matching, 2012). Leaves to others: which cells are the same.

The drift of a column is the total variation distance of its values, as a rule of equality reads them: half the sum
of the differences in frequency, from 0 (the same) to 1, and at most the share of cells that differ. It is the
TVComplement of SDMetrics, with a missing value kept as a value, so that blanking a column is drift. Marginal
distributions are blind to a shuffled column, whose damage `corruption_rate` shows.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import fmean

import numpy as np

from use_cases.benchmark.model import Edit, EditKind, TextTable, ValueKind
from use_cases.benchmark.scoring.cell_equality import CellForm, EqualityRule, cell_forms
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
    groups: dict[str, set[str]] = {}

    def join(*rows: str) -> None:
        whole = set(rows).union(*(groups.get(row, ()) for row in rows))
        groups.update(dict.fromkeys(whole, whole))

    removed = dirty.place_of.keys() - output.place_of.keys()
    merged = set[str]()
    for claim in claims:
        if claim.kind is EditKind.MERGE and removed.issuperset(claim.rows[1:]):
            join(*claim.rows)
            merged.update(claim.rows[1:])
    entity = {row: duplicates.get(row, row) for row in dirty.ids}
    kept = {entity[row]: row for row in reversed(dirty.ids) if row in output.place_of}
    for row in removed - merged:
        if entity[row] in kept:
            join(kept[entity[row]], row)
    alone = sum(entity[row] not in kept for row in removed - merged)
    found = hits = 0
    for rows in {id(each): each for each in groups.values()}.values():
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


def measure_drift(
    clean: TextTable, other: TextTable, kinds: Mapping[str, ValueKind], rule: EqualityRule
) -> float | None:
    """Returns the mean distance over the columns of the truth; one that is absent counts 1."""
    distances = [
        _distance(cells, other.by_name.get(name, ()), kinds.get(name), rule)
        for name, cells in clean.by_name.items()
    ]
    return fmean(distances) if distances else None


def drift_reduction(output: float | None, dirty: float | None) -> float | None:
    """Returns the share of the dirty table's drift that is gone; None where it had none, below 0 for
    more.
    """
    return None if output is None or not dirty else 1 - output / dirty


def _distance(
    clean: Sequence[str], other: Sequence[str], kind: ValueKind | None, rule: EqualityRule
) -> float:
    if clean == other or not (clean and other):
        return float(clean != other)
    mine, theirs = (_counts(cells, kind, rule) for cells in (clean, other))
    gaps = (abs(mine[e] * len(other) - theirs[e] * len(clean)) for e in mine.keys() | theirs.keys())
    return sum(gaps) / (2 * len(clean) * len(other))


def _counts(cells: Iterable[str], kind: ValueKind | None, rule: EqualityRule) -> Counter[CellForm]:
    texts, found = Counter(cells), Counter[CellForm]()
    for form, count in zip(cell_forms(list(texts), kind, rule), texts.values(), strict=True):
        found[form] += count
    return found
