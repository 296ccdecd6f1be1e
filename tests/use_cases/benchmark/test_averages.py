"""Averages over tasks, reliability and robustness."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.use_cases.benchmark.scoring.test_task_score import CLEAN, DIRTY, TASK
from use_cases.benchmark.leaderboard import (
    Averages,
    LevelScore,
    average,
    jaccard,
    likeness,
    measure_robustness,
    passes,
)
from use_cases.benchmark.model import Dimension, TextTable
from use_cases.benchmark.ports import Cleaning
from use_cases.benchmark.scoring.cell_equality import EqualityRule
from use_cases.benchmark.scoring.task_score import TaskScore, score_cleaning

A = frozenset({b"1", b"2"})
B = frozenset({b"1", b"3"})
NONE = frozenset[bytes]()
STRICT, CANONICAL = EqualityRule.STRICT, EqualityRule.CANONICAL


def test_the_jaccard_index_is_1_of_two_empty_sets() -> None:
    assert (jaccard(A, B), jaccard(A, A), jaccard(A, NONE), jaccard(NONE, NONE)) == (1 / 3, 1, 0, 1)


@pytest.mark.parametrize(
    ("repeats", "alike"),
    [
        ([A, A, B], (1 + 1 / 3 + 1 / 3) / 3),
        ([A, A, None], 1 / 3),  # one that failed is like no other
        ([NONE, None, None], 0.0),
        ([None, None, None], None),  # nothing was measured
        ([A], None),
        ([], None),
    ],
)
def test_repeats_are_alike_by_the_mean_of_their_pairs(
    repeats: list[frozenset[bytes] | None], alike: float | None
) -> None:
    assert likeness(repeats) == alike


def level(rate: float, recall: float | None, damage: float | None = 0.0) -> LevelScore:
    return LevelScore(level=rate, recall=recall, corruption_rate=damage, f1=0.5)


@pytest.mark.parametrize(
    ("recalls", "area", "retention", "slope"),
    [
        ((0.8, 0.8, 0.4), 0.7, 0.5, -2.0),
        ((0.7, 0.7, 0.7), 0.7, 1.0, 0.0),
        ((0.0, 0.1, 0.2), 0.1, None, 1.0),  # nothing can be retained of nothing
        ((None, 0.3, 0.5), None, None, None),  # two levels are too few
    ],
)
def test_robustness_is_the_area_under_recall_by_the_range_of_levels(
    recalls: tuple[float | None, ...],
    area: float | None,
    retention: float | None,
    slope: float | None,
) -> None:
    curve = [level(rate, recall) for rate, recall in zip((0.1, 0.2, 0.3), recalls, strict=True)]
    found = measure_robustness(Dimension.ACCURACY, CANONICAL, curve)
    assert (found.robustness_score, found.retention, found.slope) == (
        area and pytest.approx(area),
        retention,
        slope if slope is None else pytest.approx(slope, abs=1e-12),
    )
    assert found.curve == curve


CONTROL = replace(TASK, dirty=CLEAN, errors=())


def score(output: TextTable, *, control: bool = False, failure: str = "") -> TaskScore:
    return score_cleaning(
        CONTROL if control else TASK, Cleaning(output=output, failure=failure)
    ).score


HALF = score(DIRTY.with_cells({("r1", "name"): "bob", ("r3", "age"): "23"}))
BLANK = replace(TASK, dirty=CLEAN.with_cells({(row, "age"): "" for row in CLEAN.ids}), errors=None)
ONE_BROKEN = CLEAN.with_cells({("r9", "name"): "zoe"})
TRUTH, NOTHING, FAILED = score(CLEAN), score(DIRTY), score(CLEAN, failure="timeout")


def over(*tasks: Sequence[TaskScore], rule: EqualityRule = CANONICAL) -> Averages:
    """The averages over tasks of one table."""
    return average(tasks, rule, [""] * len(tasks))


def test_every_task_counts_once_however_many_repeats_it_has() -> None:
    recall = over([TRUTH, TRUTH, NOTHING], [NOTHING])["recall"]
    assert (recall.value, recall.n) == (pytest.approx((2 / 3 + 0) / 2), 2)


def test_a_failure_counts_as_doing_nothing() -> None:
    found = over([TRUTH], [FAILED])
    assert found["f1"].value == 0.5
    assert found["precision"].n == 1  # without an edit there is no precision


def test_a_control_task_counts_for_damage_alone() -> None:
    found = over([NOTHING], [score(CLEAN, control=True)])
    assert (found["f1"].value, found["f1"].n) == (0.0, 1)
    assert found["corruption_rate"].n == 2


def test_no_tasks_have_no_averages() -> None:
    assert over()["f1"].value is None


def test_an_interval_needs_tasks_that_differ() -> None:
    alike = over(*[[NOTHING]] * 12)
    assert alike["corruption_rate"].interval is None
    mixed = over(*([TRUTH if n % 3 else HALF] for n in range(12)))["recall"]
    assert mixed.interval is not None
    assert mixed.value is not None
    assert 0.5 < mixed.interval[0] < mixed.value < mixed.interval[1] <= 1.0


def test_a_rule_decides() -> None:
    notation = replace(
        CLEAN, values=tuple(tuple(f"{v}.0" for v in c) if c[0] == "20" else c for c in CLEAN.values)
    )
    made = [score(notation)]
    assert over(made)["f1"].value == 1.0
    assert over(made, rule=STRICT)["f1"].value != 1.0


@pytest.mark.parametrize(
    ("made", "passed"),
    [
        (TRUTH, True),
        (NOTHING, False),
        (HALF, False),
        (FAILED, False),
        (score_cleaning(BLANK, Cleaning(output=ONE_BROKEN)).score, False),  # F1 .99, one is damaged
        (score_cleaning(BLANK, Cleaning(output=CLEAN)).score, True),
        (score(CLEAN, control=True), True),
    ],
)
def test_a_cleaning_passes_that_repaired_nearly_all_and_damaged_nothing(
    made: TaskScore, passed: bool
) -> None:
    assert passes(made) is passed
