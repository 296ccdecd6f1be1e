"""The scores equal those of a second, plain implementation on random tables."""

import pytest

from tests.use_cases.benchmark.scoring import plain_scorer
from tests.use_cases.benchmark.scoring.plain_scorer import Rows
from tests.use_cases.benchmark.scoring.random_tasks import RandomTask, random_task
from use_cases.benchmark.model import TextTable
from use_cases.benchmark.ports import Cleaning
from use_cases.benchmark.scoring.cell_equality import EqualityRule
from use_cases.benchmark.scoring.task_score import TaskScore, score_cleaning

SAMPLE = 60


def rows_of(table: TextTable) -> Rows:
    return {row: {name: table.cell(row, name) for name in table.columns} for row in table.ids}


@pytest.mark.parametrize(
    "seeds",
    [
        range(SAMPLE),
        *[
            pytest.param(range(first, first + 94), marks=pytest.mark.exhaustive)
            for first in range(SAMPLE, 1000, 94)
        ],
    ],
)
def test_random_tables_score_alike(seeds: range) -> None:
    for seed in seeds:
        made = random_task(seed)
        score = score_cleaning(made.task, Cleaning(output=made.output, edits=made.claims)).score
        for rule in EqualityRule:
            compare(seed, made, score, rule)


def compare(seed: int, made: RandomTask, score: TaskScore, rule: EqualityRule) -> None:
    task, output = made.task, made.output
    found = score.under(rule)

    kinds = {name: kind.value for name, kind in task.schema.kinds.items()}
    names, duplicates = list(task.clean.columns), dict(task.duplicates)
    dirty, clean, after = rows_of(task.dirty), rows_of(task.clean), rows_of(output)
    standing = plain_scorer.stand_in(after, duplicates)
    wanted = plain_scorer.repair(dirty, clean, standing, names, kinds, rule.value)
    edited = plain_scorer.repair(dirty, clean, after, names, kinds, rule.value)["edited"]

    def near(value: float | None) -> object:
        return None if value is None else pytest.approx(value, abs=1e-12)

    assert found.repair.repair.precision == near(wanted["precision"]), seed
    assert found.repair.repair.recall == near(wanted["recall"]), seed
    assert found.repair.repair.f1 == near(wanted["f1"]), seed
    assert found.repair.detection.f1 == near(wanted["detection_f1"]), seed
    assert found.repair.corruption_rate == near(wanted["corruption_rate"]), seed
    assert found.repair.error_reduction == near(wanted["error_reduction"]), seed
    assert found.repair.cell_accuracy == near(wanted["cell_accuracy"]), seed
    counts = found.repair.counts
    if counts.clean:
        interval = plain_scorer.wilson(counts.damaged, counts.clean)
        assert found.repair.corruption_interval == pytest.approx(interval, abs=1e-9), seed

    claimed = [(each.rows[0], each.column or "", each.new or "") for each in made.claims]
    likeness = plain_scorer.audit(claimed, after, edited, kinds, rule.value)
    assert found.audit.auditability_score == near(likeness), seed

    distances = [
        plain_scorer.drift(
            [row[name] for row in clean.values()],
            [row[name] for row in after.values()] if name in output.columns else None,
            kinds[name],
            rule.value,
        )
        for name in names
    ]
    assert found.drift_score == near(sum(distances) / len(distances)), seed

    if found.duplicates is not None:
        entities = {row: duplicates.get(row, row) for row in dirty}
        paired = plain_scorer.pairs(entities, {row for row in dirty if row in after})
        assert found.duplicates.pairs.precision == near(paired["precision"]), seed
        assert found.duplicates.pairs.recall == near(paired["recall"]), seed
