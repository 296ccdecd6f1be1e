"""Edits to look at: of each contestant some that repaired an error, and some that broke a right cell."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from use_cases.benchmark.benchmark_runs import TaskResult
from use_cases.benchmark.edits import apply_edits
from use_cases.benchmark.model import Task
from use_cases.benchmark.ports import Cleaning
from use_cases.benchmark.scoring.cell_equality import same_cell

_MOST_OF_A_KIND = 4


class EditOutcome(StrEnum):
    """Outcome of an edit, under the canonical rule: `missed` changed an error to another wrong text."""

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
    results: Iterable[TaskResult], tasks: Mapping[str, Task]
) -> Sequence[ExampleEdit]:
    """Returns at most so many of each contestant and outcome, at most one of a task, column and
    outcome.

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
            if place not in seen and taken[kind] < _MOST_OF_A_KIND:
                seen.add(place)
                taken[kind] += 1
                found.append(example)
    return found


def _examples(task: Task, contestant: str, cleaning: Cleaning) -> Iterator[ExampleEdit]:
    applied = apply_edits(task.dirty, cleaning.edits)
    for (row, column), edit in applied.cells.items():
        old, new = task.dirty.cell(row, column), edit.new or ""
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
                reason=edit.reason,
            )
    for row, edit in applied.removed.items():
        repeated = row in task.duplicates
        yield ExampleEdit(
            contestant=contestant,
            task_id=task.task_id,
            outcome=EditOutcome.REPAIRED if repeated else EditOutcome.DAMAGED,
            row=row,
            column=None,
            reason=edit.reason,
        )
