"""Expectations: numbers in the notation of their column."""

import pytest

from use_cases.benchmark.expectations import broken_expectations, learn_expectations
from use_cases.benchmark.model import TableSchema, TextTable, ValueKind


def table(*cells: str) -> TextTable:
    return TextTable(("amount",), tuple(map(str, range(1, len(cells) + 1))), (cells,))


@pytest.mark.parametrize(
    ("good", "least", "most"),
    [
        (("69,19", "1.234", "1.250,5", "80"), 0, 2431.81),
        (("69.19", "1,234", "1,250.5", "80"), 0, 2431.81),
    ],
)
def test_numbers_have_a_range_in_either_notation(
    good: tuple[str, ...], least: float, most: float
) -> None:
    learnt = learn_expectations(table(*good), TableSchema())
    column = learnt.columns["amount"]
    assert (column.kind, column.least) == (ValueKind.NUMBER, least)
    assert column.most == pytest.approx(most)
    assert not list(broken_expectations(table(*good), learnt))
    faults = broken_expectations(table(*good, "no", f"9{good[2]}"), learnt)
    assert [(fault.row, fault.evidence) for fault in faults] == [
        ("5", "It is no number."),
        ("6", "The most is 2431.81."),
    ]


def test_groups_of_digits_between_points_are_a_code() -> None:
    codes = [f"756.123.{number}" for number in range(100, 130)]
    column = learn_expectations(table(*codes), TableSchema()).columns["amount"]
    assert (column.kind, column.pattern) == (None, r"\d\d\d\.\d\d\d\.\d\d\d")
