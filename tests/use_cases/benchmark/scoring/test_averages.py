"""Averages over tasks, reliability and robustness."""

from dataclasses import replace

import pytest

from tests.use_cases.benchmark.scoring.test_task_score import CLEAN, DIRTY, TASK
from use_cases.benchmark.model import TextTable
from use_cases.benchmark.ports import Cleaning
from use_cases.benchmark.scoring.averages import (
    LevelScore,
    Repeat,
    average,
    compare_contestants,
    jaccard,
    measure_reliability,
    measure_robustness,
)
from use_cases.benchmark.scoring.cell_equality import EqualityRule
from use_cases.benchmark.scoring.task_score import EditSet, TaskScore, score_cleaning

A: EditSet = frozenset({("1", "c", "x"), ("2", "c", "y")})
B: EditSet = frozenset({("1", "c", "x"), ("3", "c", "y")})
NONE: EditSet = frozenset()


def repeat(
    edits: EditSet, f1: float = 1.0, *, damage: float = 0.0, completed: bool = True
) -> Repeat:
    return Repeat(edits=edits, f1=f1, corruption_rate=damage, completed=completed)


def test_the_jaccard_index_is_1_of_two_empty_sets() -> None:
    assert (jaccard(A, B), jaccard(A, A), jaccard(A, NONE), jaccard(NONE, NONE)) == (1 / 3, 1, 0, 1)


def test_reliability_is_the_mean_likeness_of_pairs() -> None:
    found = measure_reliability([repeat(A), repeat(A, 0.8), repeat(B, 0.6)])
    assert found.reliability_score == (1 + 1 / 3 + 1 / 3) / 3
    assert found.exact_agreement == 1 / 3
    assert found.f1_deviation is not None
    assert round(found.f1_deviation, 12) == 0.2
    assert (found.completion_rate, found.passed) == (1.0, 1)
    assert found.pass_all == (1 / 3, 0.0, 0.0)


def test_the_chance_that_k_pass_is_over_draws_without_replacement() -> None:
    found = measure_reliability([repeat(A), repeat(A), repeat(A), repeat(A, 0.1)])
    assert found.pass_all == (3 / 4, 1 / 2, 1 / 4, 0.0)


def test_repeats_that_failed_are_no_likeness() -> None:
    failed = repeat(NONE, 0.0, completed=False)
    found = measure_reliability([failed, failed, failed])
    assert (found.reliability_score, found.exact_agreement) == (None, None)
    assert (found.completion_rate, found.passed) == (0.0, 0)
    assert measure_reliability([repeat(NONE), failed, failed]).reliability_score == 0.0


def test_a_failed_repeat_is_like_no_other_and_did_not_complete() -> None:
    found = measure_reliability([repeat(A), repeat(A), repeat(A, completed=False)])
    assert found.reliability_score == 1 / 3
    assert found.completion_rate == 2 / 3
    assert found.passed == 2


def test_damage_does_not_pass() -> None:
    assert not repeat(A, 1.0, damage=0.01).passed
    assert Repeat(edits=A, f1=1.0, corruption_rate=None).passed


def test_one_repeat_has_no_reliability() -> None:
    found = measure_reliability([repeat(A)])
    assert (found.reliability_score, found.exact_agreement, found.f1_deviation) == (None,) * 3
    assert found.pass_all == (1.0,)
    assert measure_reliability([]).completion_rate is None


def level(rate: float, recall: float | None, damage: float | None = 0.0) -> LevelScore:
    return LevelScore(level=rate, recall=recall, corruption_rate=damage, f1=0.5)


def test_robustness_is_the_area_under_recall_by_the_range_of_levels() -> None:
    found = measure_robustness([level(0.3, 0.4, 0.2), level(0.1, 0.8), level(0.2, 0.8, 0.1)])
    assert found.robustness_score == pytest.approx((0.8 + 0.6) / 2)
    assert found.retention == 0.5
    assert found.slope == pytest.approx(-2.0)
    assert [each.corruption_rate for each in found.curve] == [0.0, 0.1, 0.2]


def test_a_constant_recall_is_its_own_area() -> None:
    found = measure_robustness([level(rate, 0.7) for rate in (0.02, 0.05, 0.15)])
    assert found.robustness_score == pytest.approx(0.7)
    assert (found.retention, found.slope) == (1.0, pytest.approx(0.0, abs=1e-12))


def test_scores_of_one_level_are_averaged_and_two_levels_are_too_few() -> None:
    found = measure_robustness(
        [level(0.1, 0.2), level(0.1, 0.4), level(0.2, 0.5), level(0.0, None)]
    )
    assert (found.robustness_score, found.retention, found.slope) == (None, None, None)
    assert [each.recall for each in found.curve] == [None, pytest.approx(0.3), 0.5]


def test_nothing_can_be_retained_of_nothing() -> None:
    found = measure_robustness([level(0.1, 0.0), level(0.2, 0.1), level(0.3, 0.2)])
    assert found.retention is None
    assert found.robustness_score == pytest.approx(0.1)


CONTROL = replace(TASK, dirty=CLEAN, errors=())


def score(output: TextTable, *, control: bool = False, failure: str = "") -> TaskScore:
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
