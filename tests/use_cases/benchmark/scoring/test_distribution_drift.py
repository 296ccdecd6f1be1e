"""Distances of distributions, with expected values worked out by hand."""

import pytest

from use_cases.benchmark.model import TextTable, ValueKind
from use_cases.benchmark.scoring.cell_equality import EqualityRule
from use_cases.benchmark.scoring.distribution_drift import (
    ColumnDrift,
    DriftScores,
    drift_reduction,
    measure_drift,
    text_shapes,
)

STRICT, CANONICAL = EqualityRule.STRICT, EqualityRule.CANONICAL


def single(*values: str) -> TextTable:
    return TextTable(("c",), tuple(str(place) for place in range(len(values))), (values,))


def drift(
    clean: TextTable,
    output: TextTable,
    kind: ValueKind | None = None,
    rule: EqualityRule = CANONICAL,
) -> ColumnDrift:
    kinds = {} if kind is None else {"c": kind}
    return measure_drift(clean, [output], kinds)[0][rule].columns["c"]


COLOURS = single(*["red"] * 5, *["blue"] * 5)
NUMBERS = single(*map(str, range(10)))


def test_the_same_table_has_no_drift() -> None:
    for kind in ValueKind:
        found = drift(NUMBERS, NUMBERS, kind)
        assert found.distance == 0.0


def test_a_shuffled_column_has_no_drift() -> None:
    back = TextTable(("c",), NUMBERS.ids, (NUMBERS.values[0][::-1],))
    for kind in ValueKind:
        assert drift(NUMBERS, back, kind).distance == 0.0


def test_categories_drift_by_the_share_that_changed() -> None:
    found = drift(COLOURS, single(*["red"] * 7, *["blue"] * 3), ValueKind.CATEGORY)
    assert found.distance == pytest.approx(0.2)


def test_a_blanked_column_drifts_wholly() -> None:
    blank = single(*[""] * 10)
    for kind in ValueKind:
        for rule in EqualityRule:
            assert drift(NUMBERS, blank, kind, rule).distance == 1.0


def test_fewer_rows_of_the_same_shares_are_no_drift() -> None:
    found = drift(COLOURS, single("red", "blue"), ValueKind.CATEGORY)
    assert found.distance == 0.0


def test_numbers_drift_by_the_largest_gap_of_their_distributions() -> None:
    moved = single(*map(str, range(2, 12)))
    assert drift(NUMBERS, moved, ValueKind.NUMBER).distance == pytest.approx(0.2)
    one_out = single("1000000000", *map(str, range(1, 10)))
    assert drift(NUMBERS, one_out, ValueKind.NUMBER).distance == pytest.approx(0.1)
    fewer = single(*map(str, range(5)))
    assert drift(NUMBERS, fewer, ValueKind.NUMBER).distance == pytest.approx(0.5)


def test_missing_and_unreadable_numbers_are_drift() -> None:
    # The values that are left are distributed almost as before, so the shares decide.
    missing = single("0", "", "2", "3", "4", "5", "6", "7", "N/A", "9")
    assert drift(NUMBERS, missing, ValueKind.NUMBER).distance == pytest.approx(0.2)
    words = single("0", "one", "2", "3", "4", "5", "6", "7", "eight", "9")
    assert drift(NUMBERS, words, ValueKind.NUMBER).distance == pytest.approx(0.2)


def test_a_unit_is_unreadable_under_the_strict_rule_alone() -> None:
    units = single(*(f"{n} oz" for n in range(10)))
    assert drift(NUMBERS, units, ValueKind.NUMBER, STRICT).distance == 1.0
    assert drift(NUMBERS, units, ValueKind.NUMBER).distance == 0.0


def test_dates_are_ordered() -> None:
    days = single(*(f"2020-01-{day:02}" for day in range(1, 11)))
    later = single(*(f"{day}.1.2020" for day in range(3, 13)))
    assert drift(days, later, ValueKind.DATE).distance == pytest.approx(0.2)
    assert drift(days, later, ValueKind.DATE, STRICT).distance == 1.0


def test_a_column_of_unreadable_numbers_counts_as_categories() -> None:
    ranges = single("1-2", "1-2", "3-4", "3-4")
    found = drift(ranges, single("1-2", "3-4", "3-4", "3-4"), ValueKind.NUMBER)
    assert found.distance == pytest.approx(0.25)


def test_identifiers_and_free_text_drift_by_their_shape_apart() -> None:
    codes = single("AB-12", "CD-34", "EF-56", "GH-78")
    others = single("XY-99", "ZZ-10", "Q-1", "QQ-11")
    found = measure_drift(codes, [others], {"c": ValueKind.IDENTIFIER})[0][CANONICAL]
    assert found.drift_score is None
    assert found.drift_apart == pytest.approx(0.25)
    assert found.columns["c"].apart
    assert drift(codes, others).apart  # few repeat
    assert not drift(COLOURS, single(*["red"] * 10)).apart


def test_texts_have_a_length_and_a_pattern() -> None:
    assert text_shapes(["Oslo42", "AB-12", "XYZ-9"]) == [(3, "Aa9"), (3, "A-9"), (3, "A-9")]
    assert text_shapes(["é9É", "", "aa"]) == [(2, "a9A"), (0, ""), (2, "a")]
    assert text_shapes(["a\0b", "cd"]) == [(2, "a\1a"), (2, "a")]
    assert text_shapes([]) == []


def test_an_absent_column_and_an_empty_output_drift_wholly() -> None:
    clean = TextTable(("a", "b"), ("1", "2"), (("x", "x"), ("y", "y")))
    half = TextTable(("a",), ("1", "2"), (("x", "x"),))
    empty = TextTable(("a", "b"), (), ((), ()))
    found = [each[STRICT] for each in measure_drift(clean, [half, empty], {})]
    assert [each.drift_score for each in found] == [0.5, 1.0]


def test_undeclared_numbers_are_recognised() -> None:
    many = single(*[str(n) for n in range(30) for _ in range(3)])
    moved = single(*[str(n + 3) for n in range(30) for _ in range(3)])
    assert drift(many, moved).distance == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("output", "dirty", "reduction"),
    [(0.1, 0.4, 0.75), (0.0, 0.2, 1.0), (0.4, 0.2, -1.0), (0.1, 0.0, None), (None, None, None)],
)
def test_the_reduction_is_the_share_of_drift_that_is_gone(
    output: float | None, dirty: float | None, reduction: float | None
) -> None:
    def scores(value: float | None) -> DriftScores:
        return DriftScores(
            drift_score=value,
            drift_apart=None,
            columns={},
        )

    found = drift_reduction(scores(output), scores(dirty))
    assert found == (None if reduction is None else pytest.approx(reduction))
