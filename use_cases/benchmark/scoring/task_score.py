"""The score of one cleaning of one task, under both rules of equality.

Promises: scores stand side by side and are never blended into one; a cleaning that failed is scored as
doing nothing, with its status; the same inputs give the same scores. Leaves to others: repeats,
levels of difficulty and averages over tasks.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from use_cases.benchmark.edits import apply_edits
from use_cases.benchmark.model import CellAddress, Edit, EditKind, Task, TextTable, ValueKind
from use_cases.benchmark.ports import Cleaning
from use_cases.benchmark.scoring.align_tables import RowsMatchedBy, TableChanges, align_tables
from use_cases.benchmark.scoring.cell_equality import CellForm, EqualityRule, cell_form
from use_cases.benchmark.scoring.cell_outcomes import (
    EDITED,
    IS_RIGHT,
    WAS_WRONG,
    CellOutcomes,
    judge_cells,
)
from use_cases.benchmark.scoring.claim_audit import AuditScores, audit_claims
from use_cases.benchmark.scoring.repair_scores import (
    DuplicateScores,
    RepairScores,
    drift_reduction,
    measure_drift,
    score_duplicates,
    score_repair,
    share,
)

EditSet: TypeAlias = frozenset[tuple[str, str, CellForm]]
"""The edited cells with their new values, under one rule; numbers are rounded to nine digits."""


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
    kinds: Mapping[str, ValueKind]

    def edit_set(self, rule: EqualityRule) -> EditSet:
        """Returns what was edited, to be compared among repeats."""
        tables, found = self.outcomes.tables, set[tuple[str, str, CellForm]]()
        for column, row in self.outcomes.edited(rule):
            name = tables.columns[column]
            form = cell_form(tables.output[column][row], self.kinds.get(name), rule)
            found.add((tables.rows[row], name, _rounded(form)))
        return frozenset(found)


def score_cleaning(
    task: Task, cleaning: Cleaning, *, rows_matched_by: RowsMatchedBy = "id"
) -> ScoredCleaning:
    """Scores what a contestant made of a task. Rows of the output have the ids of the task's tables.

    Raises `ValueError` where the task's tables have no column in common.
    """
    output, claims, rejected = _output(task.dirty, cleaning)
    kinds, sides = task.schema.kinds, (task.dirty, task.clean, output)
    outcomes = judge_cells(align_tables(*sides, rows_matched_by=rows_matched_by), kinds)
    survivors = outcomes
    if any(row not in output.place_of for row in task.duplicates.values()):
        stood = align_tables(*sides, duplicates=task.duplicates, rows_matched_by=rows_matched_by)
        survivors = judge_cells(stood, kinds)
    unique = not task.duplicates and task.dirty.place_of.keys() <= output.place_of.keys()

    def scored(rule: EqualityRule) -> RuleScores:
        drift, before = (
            measure_drift(task.clean, each, kinds, rule) for each in (output, task.dirty)
        )
        audit = audit_claims(claims, outcomes, rule, kinds=kinds, errors=task.errors or ())
        return RuleScores(
            repair=score_repair(survivors.count(rule)),
            repairable_recall=_repairable_recall(task, survivors, rule),
            trap_damage=_trap_damage(task.traps, survivors, rule),
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
        changes=survivors.tables.changes,
        rejected_edits=rejected,
        strict=scored(EqualityRule.STRICT),
        canonical=scored(EqualityRule.CANONICAL),
    )
    return ScoredCleaning(score, outcomes, kinds)


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
        for name in outcomes.tables.columns
        if error.column in (None, name)
    )
    flags = outcomes.flags(cells, rule)
    repaired = WAS_WRONG | EDITED | IS_RIGHT
    return share(
        int(np.count_nonzero(flags & repaired == repaired)),
        int(np.count_nonzero(flags & WAS_WRONG)),
    )


def _trap_damage(
    traps: Iterable[CellAddress], outcomes: CellOutcomes, rule: EqualityRule
) -> float | None:
    flags = outcomes.flags(traps, rule)
    return share(int(np.count_nonzero(flags & EDITED)), len(flags))


def _rounded(form: CellForm) -> CellForm:
    return form if form is None or isinstance(form, str) else float(f"{form:.9g}")
