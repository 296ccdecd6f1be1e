from dataclasses import replace

import pytest

from tests.use_cases.benchmark.scoring.test_task_score import CLEAN, DIRTY, TASK
from use_cases.benchmark.model import Table
from use_cases.benchmark.ports import Cleaning
from use_cases.benchmark.scoring.averages import average, compare_contestants
from use_cases.benchmark.scoring.cell_equality import EqualityRule
from use_cases.benchmark.scoring.task_score import TaskScore, score_cleaning

CONTROL = replace(TASK, dirty=CLEAN, errors=())


def score(output: Table, *, control: bool = False, failure: str = "") -> TaskScore:
    return score_cleaning(
        CONTROL if control else TASK, Cleaning(output=output, failure=failure)
    ).score


HALF = score(DIRTY.with_cells({("r1", "name"): "bob", ("r3", "age"): "23"}))
TRUTH, NOTHING, FAILED = score(CLEAN), score(DIRTY), score(CLEAN, failure="timeout")


def test_every_task_counts_once_however_many_repeats_it_has() -> None:
    found = average({"a": [TRUTH, TRUTH, NOTHING], "b": [NOTHING]})
    assert found.macro["recall"].value == pytest.approx((2 / 3 + 0) / 2)
    assert found.macro["recall"].n == 2
    assert found.micro is not None
    assert found.micro.repair.recall == 8 / 16
    assert (found.tasks, found.cleanings, found.completion_rate) == (2, 4, 1.0)


def test_a_failure_counts_as_doing_nothing_and_against_completion() -> None:
    found = average({"a": [TRUTH], "b": [FAILED]})
    assert found.macro["f1"].value == 0.5
    assert found.macro["precision"].n == 1  # without an edit there is no precision
    assert found.completion_rate == 0.5


def test_a_control_task_counts_for_damage_alone() -> None:
    control = score(CLEAN, control=True)
    found = average({"a": [NOTHING], "b": [control]})
    assert (found.macro["f1"].value, found.macro["f1"].n) == (0.0, 1)
    assert found.macro["corruption_rate"].n == 2


def test_no_tasks_have_no_averages() -> None:
    found = average({})
    assert (found.micro, found.completion_rate, found.macro["f1"].value) == (None, None, None)


def test_an_interval_needs_tasks_that_differ() -> None:
    alike = average({str(n): [NOTHING] for n in range(12)})
    assert alike.macro["corruption_rate"].interval is None
    mixed = average({str(n): [TRUTH if n % 3 else HALF] for n in range(12)}).macro["recall"]
    assert mixed.interval is not None
    assert mixed.value is not None
    assert 0.5 < mixed.interval[0] < mixed.value < mixed.interval[1] <= 1.0


def test_a_rule_can_be_chosen() -> None:
    notation = replace(
        CLEAN, values=tuple(tuple(f"{v}.0" for v in c) if c[0] == "20" else c for c in CLEAN.values)
    )
    made = {"a": [score(notation)]}
    assert average(made).macro["f1"].value == 1.0
    assert average(made, EqualityRule.STRICT).macro["f1"].value != 1.0


def test_contestants_are_compared_task_by_task() -> None:
    tasks = [str(n) for n in range(12)]
    better = {task: [TRUTH] if n % 2 else [HALF] for n, task in enumerate(tasks)}
    worse = {task: [HALF] if n % 2 else [NOTHING] for n, task in enumerate(tasks)}
    found = compare_contestants(worse, better, "recall")
    assert (found.n, found.verdict) == (12, "better")
    assert found.difference == pytest.approx(0.5)
    assert compare_contestants(better, worse, "recall").verdict == "worse"
    assert compare_contestants(worse, {"0": [TRUTH]}, "recall").n == 1


def test_less_damage_is_better() -> None:
    harm = {str(n): [score(CLEAN.with_cells({(f"r{n + 7}", "age"): "0"}))] for n in range(6)}
    none = {str(n): [TRUTH] for n in range(6)}
    found = compare_contestants(harm, none, "corruption_rate")
    assert found.difference is not None
    assert found.difference > 0
