"""Distances of distributions, with expected values worked out by hand."""

import pytest

from use_cases.benchmark.model import TextTable, ValueKind
from use_cases.benchmark.scoring.cell_equality import EqualityRule
from use_cases.benchmark.scoring.task_score import drift_reduction, measure_drift

STRICT, CANONICAL = EqualityRule.STRICT, EqualityRule.CANONICAL


def single(*values: str) -> TextTable:
    return TextTable(("c",), tuple(str(place) for place in range(len(values))), (values,))


def drift(
    clean: TextTable,
    output: TextTable,
    kind: ValueKind = ValueKind.TEXT,
    rule: EqualityRule = CANONICAL,
) -> float | None:
    return measure_drift(clean, output, {"c": kind}, rule)


COLOURS = single(*["red"] * 5, *["blue"] * 5)
NUMBERS = single(*map(str, range(10)))


@pytest.mark.parametrize("kind", ValueKind)
def test_the_same_values_in_any_order_have_no_drift(kind: ValueKind) -> None:
    assert drift(NUMBERS, NUMBERS, kind) == 0.0
    assert drift(NUMBERS, single(*NUMBERS.values[0][::-1]), kind) == 0.0


def test_a_column_drifts_by_the_share_that_changed() -> None:
    assert drift(COLOURS, single(*["red"] * 7, *["blue"] * 3)) == pytest.approx(0.2)
    assert drift(COLOURS, single("red", "blue")) == 0.0  # the same shares
    assert drift(NUMBERS, single(*map(str, range(2, 12)))) == pytest.approx(0.2)


def test_a_missing_value_is_a_value() -> None:
    for rule in EqualityRule:
        assert drift(NUMBERS, single(*[""] * 10), rule=rule) == 1.0
        assert drift(NUMBERS, single(), rule=rule) == 1.0
    missing = single("0", "", "2", "3", "4", "5", "6", "7", "N/A", "9")
    assert drift(NUMBERS, missing) == pytest.approx(0.2)


def test_another_form_of_a_value_is_drift_under_the_strict_rule_alone() -> None:
    units = single(*(f"{n} oz" for n in range(10)))
    assert drift(NUMBERS, units, ValueKind.NUMBER, STRICT) == 1.0
    assert drift(NUMBERS, units, ValueKind.NUMBER) == 0.0


def test_a_column_that_is_gone_counts_whole() -> None:
    clean = TextTable(("c", "d"), ("1",), (("x",), ("y",)))
    assert measure_drift(clean, single("x"), {}, STRICT) == 0.5


def test_the_reduction_is_the_share_of_drift_that_is_gone() -> None:
    assert drift_reduction(0.1, 0.4) == pytest.approx(0.75)
    assert drift_reduction(0.8, 0.4) == pytest.approx(-1.0)
    assert drift_reduction(0.1, 0.0) is drift_reduction(None, 0.1) is None
