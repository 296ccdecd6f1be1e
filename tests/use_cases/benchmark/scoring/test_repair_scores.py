"""The scores of outputs whose scores are known: worked out by hand from the definitions."""

import pytest

from tests.use_cases.benchmark.scoring.small_tables import table
from use_cases.benchmark.model import TextTable, ValueKind
from use_cases.benchmark.scoring.cell_equality import EqualityRule
from use_cases.benchmark.scoring.cell_outcomes import compare_tables
from use_cases.benchmark.scoring.task_score import (
    RepairScores,
    Retrieval,
    retrieval,
    score_repair,
)

STRICT, CANONICAL = EqualityRule.STRICT, EqualityRule.CANONICAL

DIRTY = table("name size", "ann 5", "bxb 6.0", "cat N/A", "dan 8")
CLEAN = table("name size", "ann 5", "bob 6", "cat 7", "dan 8")
"""Strict: 3 errors in 8 cells; canonical: 2, because 6.0 is 6."""


def scored(
    output: TextTable, rule: EqualityRule = STRICT, dirty: TextTable = DIRTY
) -> RepairScores:
    outcomes = compare_tables(dirty, CLEAN, output, {"size": ValueKind.NUMBER})
    return score_repair(outcomes.count(rule))


def test_doing_nothing_repairs_nothing_and_damages_nothing() -> None:
    found = scored(DIRTY)
    assert (found.counts.errors, scored(DIRTY, CANONICAL).counts.errors) == (3, 2)
    assert found.repair == Retrieval(precision=None, recall=0.0, f1=0.0)
    assert (found.corruption_rate, found.error_reduction) == (0.0, 0.0)
    assert found.cell_accuracy == 5 / 8


def test_nothing_to_do_and_nothing_done_is_perfect() -> None:
    found = scored(CLEAN, dirty=CLEAN)
    assert found.repair == Retrieval(precision=1.0, recall=None, f1=1.0)
    assert (found.corruption_rate, found.error_reduction, found.cell_accuracy) == (0.0, None, 1.0)


def test_a_wrong_value_is_a_detection_and_no_repair() -> None:
    output = table("name size", "ann 5", "bub 6.0", "cat 7", "dan 9")
    found = scored(output)
    assert found.repair == Retrieval(precision=1 / 3, recall=1 / 3, f1=1 / 3)
    assert found.detection == Retrieval(precision=2 / 3, recall=2 / 3, f1=2 / 3)
    assert found.corruption_rate == 1 / 5
    assert found.error_reduction == 0.0  # one repaired, one made
    assert found.corruption_interval == pytest.approx((0.0362, 0.6245), abs=1e-4)


def test_a_change_of_notation_is_an_edit_under_the_strict_rule_alone() -> None:
    output = table("name size", "ann 5.0", "bxb 6.0", "cat N/A", "dan 8kg")
    assert scored(output).counts.edits == 2
    assert scored(output, CANONICAL).counts.edits == 0
    assert scored(output).corruption_rate == 2 / 5
    assert scored(output, CANONICAL).corruption_rate == 0.0


@pytest.mark.parametrize(
    ("hits", "found", "true", "scores"),
    [
        (0, 0, 0, (1.0, None, 1.0)),
        (0, 0, 4, (None, 0.0, 0.0)),
        (0, 4, 0, (0.0, None, 0.0)),
        (1, 2, 4, (0.5, 0.25, 1 / 3)),
    ],
)
def test_precision_recall_and_f1_have_their_edge_cases(
    hits: int, found: int, true: int, scores: tuple[float | None, float | None, float]
) -> None:
    made = retrieval(hits, found, true)
    assert (made.precision, made.recall, made.f1) == scores
