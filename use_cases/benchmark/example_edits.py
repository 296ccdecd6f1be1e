"""Edits to look at: of each contestant some that repaired an error, and some that broke a right cell."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from use_cases.benchmark.benchmark_runs import TaskResult
from use_cases.benchmark.edits import apply_edits
from use_cases.benchmark.model import CellAddress, Edit, Task, TextTable
from use_cases.benchmark.ports import Cleaning
from use_cases.benchmark.scoring.cell_equality import same_cell


class EditOutcome(StrEnum):
    """What an edit did, under the canonical rule: `missed` changed an error to another wrong text."""

    REPAIRED = "repaired"
    MISSED = "missed"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleEdit:
    """One edited cell; of a removed row `column` is None, and the texts are empty."""

    contestant: str
    task_id: str
    outcome: EditOutcome
    row: str
    column: str | None
    dirty: str = ""
    output: str = ""
    clean: str = ""
    reason: str = ""


def choose_examples(
    results: Iterable[TaskResult], tasks: Mapping[str, Task], *, most: int = 4
) -> Sequence[ExampleEdit]:
    """At most so many of each contestant and outcome, at most one of a task, column and outcome.

    `results` have their outputs.
    """
    found: list[ExampleEdit] = []
    taken = Counter[tuple[str, EditOutcome]]()
    seen = set[tuple[str, EditOutcome, str, str | None]]()
    for result in results:
        if result.output is None or result.output.failure or result.repeat:
            continue
        for example in _examples(tasks[result.task.task_id], result.contestant, result.output):
            kind = example.contestant, example.outcome
            place = (*kind, example.task_id, example.column)
            if place not in seen and taken[kind] < most:
                seen.add(place)
                taken[kind] += 1
                found.append(example)
    return found


def _examples(task: Task, contestant: str, cleaning: Cleaning) -> Iterator[ExampleEdit]:
    cells, removed = _changes(task.dirty, cleaning)
    for (row, column), (new, reason) in cells.items():
        old = task.dirty.cell(row, column)
        original = task.duplicates.get(row, row)
        if original not in task.clean.place_of or column not in task.clean.by_name:
            continue
        true, kind = task.clean.cell(original, column), task.schema.kinds.get(column)
        right = same_cell(new, true, kind)
        if same_cell(old, true, kind):
            outcome = None if right else EditOutcome.DAMAGED
        else:
            outcome = EditOutcome.REPAIRED if right else EditOutcome.MISSED
        if outcome is not None:
            yield ExampleEdit(
                contestant=contestant,
                task_id=task.task_id,
                outcome=outcome,
                row=row,
                column=column,
                dirty=old,
                output=new,
                clean=true,
                reason=reason,
            )
    for row, reason in removed.items():
        repeated = row in task.duplicates
        yield ExampleEdit(
            contestant=contestant,
            task_id=task.task_id,
            outcome=EditOutcome.REPAIRED if repeated else EditOutcome.DAMAGED,
            row=row,
            column=None,
            reason=reason,
        )


def _changes(
    dirty: TextTable, cleaning: Cleaning
) -> tuple[Mapping[CellAddress, tuple[str, str]], Mapping[str, str]]:
    """The changed cells with their new texts and reasons, and the removed rows with theirs."""
    if cleaning.output is None:
        applied = apply_edits(dirty, cleaning.edits)
        cells = {at: (edit.new or "", edit.reason) for at, edit in applied.cells.items()}
        return cells, {row: edit.reason for row, edit in applied.removed.items()}
    output, reasons = cleaning.output, _reasons(cleaning.edits)
    both = [row for row in dirty.ids if row in output.place_of]
    cells = {
        (row, name): (output.cell(row, name), reasons.get((row, name), ""))
        for name in dirty.columns
        if name in output.by_name
        for row in both
        if output.cell(row, name) != dirty.cell(row, name)
    }
    gone = [row for row in dirty.ids if row not in output.place_of]
    return cells, dict.fromkeys(gone, "")


def _reasons(claims: Iterable[Edit]) -> Mapping[CellAddress, str]:
    return {
        (row, claim.column): claim.reason
        for claim in claims
        if claim.column is not None
        for row in claim.rows
    }
