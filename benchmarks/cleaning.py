"""The contestants that need no model, on dirty tables with their truth: repair, damage, seconds.

    python -m benchmarks.cleaning --data DIR [--only TABLE ...] [--contestants NAME ...]

DIR has a folder for each table, with `dirty.csv` and `clean.csv`, and rules of dependencies or a
`schema.yaml` beside them, if there are any. P, R and F1 are of repaired cells; damage is the share of
right cells that are wrong afterwards. Strict compares texts as Raha does, canonical compares values. The last rows of a
table are `combined` with all cells of 20 rows labelled, drawn with three seeds; these cells count, too.
"""

import argparse
import random
import time
from collections.abc import Sequence
from typing import cast

import anyio

from benchmarks.cleaning_data import tasks
from benchmarks.machine import machine
from use_cases.benchmark.contestants.combined import combine_evidence
from use_cases.benchmark.contestants.draft_table import repairs
from use_cases.benchmark.contestants.rule_contestants import RULE_CONTESTANTS, RuleContestant
from use_cases.benchmark.contestants.teaching import CellLabel, corrected, taught, upheld
from use_cases.benchmark.model import Task
from use_cases.benchmark.ports import Cleaning, CleaningRequest
from use_cases.benchmark.scoring.task_score import RuleScores, TaskScore, score_cleaning


def measure(task: Task, contestant: RuleContestant) -> str:
    """The row of a contestant."""
    request = CleaningRequest(dirty=task.dirty, schema=task.schema)
    started = time.perf_counter()
    cleaning = anyio.run(contestant.clean, request)
    seconds = time.perf_counter() - started
    score = score_cleaning(task, cleaning).score
    return row(contestant.name, len(cleaning.edits), score, seconds)


def head(task: Task) -> str:
    """The title of a task's table, and the names of its columns."""
    rows, columns = len(task.dirty.ids), len(task.dirty.columns)
    return (
        f"\n**{task.table}**, {rows:,} x {columns}, {len(task.schema.dependencies)} rules\n\n"
        "| contestant | edits | P | R | F1 | damage | P can. | R | F1 | damage | s |\n"
        f"|---|{'---:|' * 10}"
    )


def row(name: str, edits: int, score: TaskScore, seconds: float) -> str:
    """A row of the table: contestant, edits, both rules, seconds."""
    both = f"{_scores(score.strict)} | {_scores(score.canonical)}"
    return f"| {name} | {edits:,} | {both} | {seconds:.2f} |"


def _scores(scores: RuleScores) -> str:
    repair = scores.repair.repair
    shares = " | ".join(_share(each) for each in (repair.precision, repair.recall, repair.f1))
    damage = scores.repair.corruption_rate
    return f"{shares} | {'-' if damage is None else f'{damage:.3%}'}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _show(task: Task, contestants: Sequence[RuleContestant]) -> None:
    print(head(task))
    for contestant in contestants:
        print(measure(task, contestant), flush=True)
    if task.dirty.ids == task.clean.ids:
        for seed in _SEEDS:
            print(taught_row(task, seed), flush=True)


_SEEDS = (1, 2, 3)
_LABELLED = 20


def taught_row(task: Task, seed: int) -> str:
    """The row of `combined`, taught by the cells of 20 rows."""
    rows = random.Random(seed).sample(task.dirty.ids, min(_LABELLED, len(task.dirty.ids)))
    labels = [
        CellLabel(row=row, column=name, label="right" if was == is_ else "corrected", new=is_)
        for row in rows
        for name in task.dirty.columns
        for was, is_ in [(task.dirty.cell(row, name), task.clean.cell(row, name))]
    ]
    started = time.perf_counter()
    before, after = (
        combine_evidence(each, task.schema) for each in (task.dirty, corrected(task.dirty, labels))
    )
    findings = taught(task.dirty, upheld(before, after, labels), labels)
    edits = repairs(findings)
    seconds = time.perf_counter() - started
    score = score_cleaning(task, Cleaning(edits=edits)).score
    return row(f"taught by 20 rows ({seed})", len(edits), score, seconds)


def main() -> None:
    """Print a table for each task."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", required=True, help="folder with a folder for each table")
    parser.add_argument("--only", nargs="+", metavar="TABLE", help="these tables")
    names = list(RULE_CONTESTANTS)
    parser.add_argument("--contestants", nargs="+", choices=names, default=names)
    given = parser.parse_args()
    only = cast("list[str] | None", given.only)
    print(machine())
    for task in tasks(str(given.data)):
        if only is None or task.table in only:
            _show(task, [RULE_CONTESTANTS[name] for name in cast("list[str]", given.contestants)])


if __name__ == "__main__":
    main()
