"""The score of one cleaning of one task, under both rules of equality.

Promises: scores stand side by side and are never blended into one; a score that cannot be computed is None, never
0; a cleaning that failed is scored as doing nothing, with its status; the same inputs give the same scores. Leaves
to others: which cells are the same (`cell_outcomes.py`), repeats, levels of difficulty and averages over tasks.

Repair: how many errors were repaired, at what damage to cells that were right, and which pairs of rows were
found to be one entity. Every cell of every table counts, also those
of dropped and invented rows. The definitions are those of Raha (Mahdavi and others, SIGMOD 2019) where it
has them; where a denominator is 0, Raha has 0. A removed row that is no duplicate is a false pair; a
duplicate that was kept in place of its original is compared with the original's true cells. The pairwise measure
is that of record linkage (Christen, Data Matching, 2012).

The drift of a column is the total variation distance of its values, as a rule of equality reads them: half the sum
of the differences in frequency, from 0 (the same) to 1, and at most the share of cells that differ. It is the
TVComplement of SDMetrics, with a missing value kept as a value, so that blanking a column is drift. Marginal
distributions are blind to a shuffled column, whose damage `corruption_rate` shows.

Auditability: does a cleaner do what it says, and say what it does? Claims are compared with the difference between
the two tables, cell by cell: a map is its cells, a removed row or column all of its cells. The score is the F1 of
claims against changes, after the precision and the recall of citations (ALCE, Gao
and others, EMNLP 2023). In a list of edits the list is the change, so there the score says nothing, and
the number of rejected edits and the reasons say more.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import product
from math import fsum
from statistics import fmean
from typing import Literal, TypeAlias

from use_cases.benchmark.edits import apply_edits
from use_cases.benchmark.model import (
    MISSING,
    CellAddress,
    Edit,
    EditKind,
    ErrorKind,
    InjectedError,
    Task,
    TextTable,
    ValueKind,
)
from use_cases.benchmark.ports import Cleaning
from use_cases.benchmark.scoring.cell_equality import (
    CellForm,
    EqualityRule,
    cell_forms,
    same_cell,
)
from use_cases.benchmark.scoring.cell_outcomes import (
    EDITED,
    CellCounts,
    CellOutcomes,
    RowsMatchedBy,
    TableChanges,
    compare_tables,
)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditScores:
    """Claims against changes under one rule.

    Precision is the share of claims that are so, recall the share of changes that were claimed, and the
    score their F1: 1 where nothing was changed or claimed, None where the cleaner failed: it said nothing
    that could be compared. `reason_accuracy` is the macro-averaged F1 of the
    claimed kinds of error against the injected ones, over changed cells with an injected error; None
    without any.
    """

    claims: int
    changes: int
    claims_and_changes: Retrieval
    auditability_score: float | None
    reason_accuracy: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleScores:
    """All scores of a cleaning under one rule; None where a score cannot be computed.

    `repairable_recall` is the recall over the errors that are known and marked repairable.
    `trap_damage` is the share of the traps, odd cells that are right, that were changed. `duplicates` is
    None for a task without any of which no row was removed.
    """

    repair: RepairScores
    repairable_recall: float | None
    trap_damage: float | None
    drift_score: float | None
    drift_reduction: float | None
    audit: AuditScores
    duplicates: DuplicateScores | None

    @property
    def metrics(self) -> Mapping[str, float | None]:
        """The scores that are averaged, by their names."""
        return {name: metric(self) for name, metric in METRICS.items()}


Metric: TypeAlias = Callable[[RuleScores], float | None]


def _unless_clean(score: Callable[[RepairScores], float | None]) -> Metric:
    """A task without errors has nothing to find or to repair: only damage counts there."""
    return lambda found: score(found.repair) if found.repair.counts.errors else None


METRICS: Mapping[str, Metric] = {
    "f1": _unless_clean(lambda found: found.repair.f1),
    "precision": _unless_clean(lambda found: found.repair.precision),
    "recall": _unless_clean(lambda found: found.repair.recall),
    "detection_f1": _unless_clean(lambda found: found.detection.f1),
    "repairable_recall": lambda found: found.repairable_recall,
    "corruption_rate": lambda found: found.repair.corruption_rate,
    "trap_damage": lambda found: found.trap_damage,
    "error_reduction": lambda found: found.repair.error_reduction,
    "cell_accuracy": lambda found: found.repair.cell_accuracy,
    "drift_score": lambda found: found.drift_score,
    "drift_reduction": lambda found: found.drift_reduction,
    "auditability_score": lambda found: found.audit.auditability_score,
    "reason_accuracy": lambda found: found.audit.reason_accuracy,
    "duplicate_f1": lambda found: found.duplicates and found.duplicates.pairs.f1,
    "survivor_accuracy": lambda found: found.duplicates and found.duplicates.survivor_accuracy,
}
"""The scores that are averaged, by their names: from 0 to 1, but for reductions, which harm makes negative."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskScore:
    """The scores of a cleaning. `headline` is the rule whose scores a reader sees first.

    `rejected_edits` counts those of a list of edits that did not fit the table.
    """

    status: Literal["scored", "failed"]
    failure: str
    headline: EqualityRule
    changes: TableChanges
    rejected_edits: int
    strict: RuleScores
    canonical: RuleScores

    @property
    def first(self) -> RuleScores:
        """The scores under the headline's rule."""
        return self.under(self.headline)

    def under(self, rule: EqualityRule) -> RuleScores:
        """Returns the scores under a rule."""
        return self.strict if rule is EqualityRule.STRICT else self.canonical


@dataclass(frozen=True)
class ScoredCleaning:
    """A score, and the cells behind it."""

    score: TaskScore
    outcomes: CellOutcomes


def score_cleaning(
    task: Task, cleaning: Cleaning, *, rows_matched_by: RowsMatchedBy = "id"
) -> ScoredCleaning:
    """Scores what a contestant made of a task. Rows of the output have the ids of the task's tables.

    Raises `ValueError` where the task's tables have no column in common.
    """
    output, claims, rejected = _output(task.dirty, cleaning)
    kinds = task.schema.kinds
    compared = partial(
        compare_tables, task.dirty, task.clean, output, kinds, rows_matched_by=rows_matched_by
    )
    survivors = outcomes = compared()
    if any(row not in output.place_of for row in task.duplicates.values()):
        survivors = compared(duplicates=task.duplicates)
    unique = not task.duplicates and task.dirty.place_of.keys() <= output.place_of.keys()

    def scored(rule: EqualityRule) -> RuleScores:
        drift, before = (
            measure_drift(task.clean, each, kinds, rule) for each in (output, task.dirty)
        )
        audit = audit_claims(claims, outcomes, rule, task.errors or ())
        traps = survivors.count(rule, task.traps)
        return RuleScores(
            repair=score_repair(survivors.count(rule)),
            repairable_recall=_repairable_recall(task, survivors, rule),
            trap_damage=share(traps.edits, traps.cells),
            drift_score=drift,
            drift_reduction=drift_reduction(drift, before),
            audit=replace(audit, auditability_score=None) if cleaning.failure else audit,
            duplicates=None
            if unique
            else score_duplicates(task.dirty, output, task.duplicates, claims, survivors, rule),
        )

    score = TaskScore(
        status="failed" if cleaning.failure else "scored",
        failure=cleaning.failure,
        headline=EqualityRule.CANONICAL if kinds else EqualityRule.STRICT,
        changes=survivors.changes,
        rejected_edits=rejected,
        strict=scored(EqualityRule.STRICT),
        canonical=scored(EqualityRule.CANONICAL),
    )
    return ScoredCleaning(score, outcomes)


def _output(dirty: TextTable, cleaning: Cleaning) -> tuple[TextTable, Sequence[Edit], int]:
    """Returns the table to score, the claims about it, and how many edits were rejected."""
    if cleaning.failure:
        return dirty, (), 0
    if cleaning.output is not None:
        return cleaning.output, cleaning.edits, 0
    applied = apply_edits(dirty, cleaning.edits)
    claims = [
        replace(edit, kind=EditKind.CELL, rows=(row,)) for (row, _), edit in applied.cells.items()
    ]
    claims += dict.fromkeys(applied.removed.values())
    return applied.table, claims, len(applied.rejected)


def _repairable_recall(task: Task, outcomes: CellOutcomes, rule: EqualityRule) -> float | None:
    repairable = (error for error in task.errors or () if error.repairable)
    cells = (
        (error.row, name)
        for error in repairable
        for name in outcomes.dirty
        if error.column in (None, name)
    )
    counts = outcomes.count(rule, cells)
    return share(counts.repaired, counts.errors)


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
    records = survivors.count(rule, product(set(duplicates.values()), survivors.dirty))
    return DuplicateScores(
        true_pairs=true,
        found_pairs=found + alone,
        pairs=retrieval(hits, found + alone, true),
        survivor_accuracy=share(records.right, records.cells),
    )


def _pairs(rows: int) -> int:
    return rows * (rows - 1) // 2


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


def audit_claims(
    claims: Sequence[Edit],
    outcomes: CellOutcomes,
    rule: EqualityRule,
    errors: Iterable[InjectedError] = (),
) -> AuditScores:
    """Compares what was claimed with what was changed. `errors` are those that were injected."""
    said, confirmed = set[Hashable](), set[CellAddress]()
    reasons: dict[tuple[str, str | None], ErrorKind] = {}
    rows_with = cache(partial(_rows_with, outcomes))
    for claim in claims:
        old = claim.old if claim.kind in (EditKind.CELL, EditKind.MAP) else None
        cells = list(_cells(claim, outcomes, rows_with))
        said.update(cells or [claim])  # one that is about no cell is one false claim
        for row, column, new in cells:
            flags, place = outcomes.flags[rule].get(column), outcomes.place_of.get(row)
            if flags is None or place is None or not flags[place] & EDITED:
                continue
            same = partial(same_cell, kind=outcomes.kinds.get(column), rule=rule)
            was = old is None or same(outcomes.dirty[column][place], old)
            if was and same(outcomes.output[column][place], new):
                confirmed.add((row, column))
                reasons.setdefault((row, column), claim.error)
                if new == MISSING:
                    reasons.setdefault((row, None), claim.error)
    changes = outcomes.count(rule).edits
    found = retrieval(len(confirmed), len(said), changes)
    return AuditScores(
        claims=len(said),
        changes=changes,
        claims_and_changes=found,
        auditability_score=found.f1,
        reason_accuracy=_reason_accuracy(reasons, errors),
    )


def _rows_with(outcomes: CellOutcomes, column: str) -> Mapping[str, Sequence[str]]:
    found = defaultdict[str, list[str]](list)
    for row, text in zip(outcomes.rows, outcomes.dirty.get(column, ()), strict=False):
        found[text].append(row)
    return found


def _cells(
    claim: Edit, outcomes: CellOutcomes, rows_with: Callable[[str], Mapping[str, Sequence[str]]]
) -> Iterator[tuple[str, str, str]]:
    """Yields the cells that a claim is about, each with the value that it is said to have now."""
    if claim.kind is EditKind.DELETE and not claim.rows and claim.column is not None:
        yield from ((row, claim.column, MISSING) for row in outcomes.rows)
    elif claim.kind in (EditKind.DELETE, EditKind.MERGE):
        for row in claim.rows[claim.kind is EditKind.MERGE :]:
            yield from ((row, column, MISSING) for column in outcomes.dirty)
    elif claim.column is not None and claim.new is not None:
        one = claim.kind is EditKind.CELL
        rows = claim.rows if one else rows_with(claim.column).get(claim.old or "", ())
        yield from ((row, claim.column, claim.new) for row in rows)


def _reason_accuracy(
    claimed: Mapping[tuple[str, str | None], ErrorKind], errors: Iterable[InjectedError]
) -> float | None:
    pairs = [
        (each.kind, claimed[each.row, each.column])
        for each in errors
        if (each.row, each.column) in claimed
    ]
    if not pairs:
        return None
    true, said = (Counter(kinds) for kinds in zip(*pairs, strict=True))
    hits = Counter(kind for kind, claim in pairs if kind is claim)
    scores = [retrieval(hits[kind], said[kind], true[kind]).f1 for kind in true | said]
    return fsum(scores) / len(scores)
