"""The forms of values: a text with two readings has both."""

from collections.abc import Mapping
from datetime import date
from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from use_cases.benchmark.contestants.value_forms import (
    date_readings,
    outline,
    plain_number,
    read_number,
    read_numbers,
    shape,
)


@pytest.mark.parametrize(
    ("value", "readings"),
    [
        ("2024-02-14", {"%Y-%m-%d": date(2024, 2, 14)}),
        ("2024-02-14T10:33", {"%Y-%m-%d time": date(2024, 2, 14)}),
        ("20240214", {"%Y%m%d": date(2024, 2, 14)}),
        ("03/02/2024", {"%d/%m/%Y": date(2024, 2, 3), "%m/%d/%Y": date(2024, 3, 2)}),
        ("14.02.24", {"%d.%m.%y": date(2024, 2, 14)}),
        ("14 Feb 2024", {"%d %b %Y": date(2024, 2, 14)}),
        ("14-February-99", {"%d-%B-%y": date(1999, 2, 14)}),
        ("February 14, 2024", {"%B %d, %Y": date(2024, 2, 14)}),
        ("2024-02-30", {}),
        ("14 Fox 2024", {}),
        ("tomorrow", {}),
        ("1", {}),
    ],
)
def test_days_are_read_in_every_form_that_fits(value: str, readings: Mapping[str, date]) -> None:
    assert date_readings(value) == readings


@pytest.mark.parametrize(
    ("value", "around", "mark", "readings"),
    [
        ("1250", "N", "", {"": 1250.0}),
        ("-12.5", "N", ".", {".": -12.5}),
        ("1,250", "N", ",", {",": 1.25, ",0": 1250.0}),
        ("1.250,75", "N", ".,", {".0": 1250.75}),
        ("1'250.75", "N", "'.", {"'0": 1250.75}),
        ("CHF 9.90", "CHF N", ".", {".": 9.9}),
        ("3.4 km", "N km", ".", {".": 3.4}),
    ],
)
def test_numbers_are_read_with_what_stands_about_them(
    value: str, around: str, mark: str, readings: Mapping[str, float]
) -> None:
    found = read_number(value)
    assert found is not None
    assert (found.around, found.mark, found.readings) == (around, mark, readings)


@pytest.mark.parametrize("value", ["007", "12a4", "7 Suppl Ed", "", "1.2.3", "9" * 31, "ten"])
def test_codes_and_texts_are_no_numbers(value: str) -> None:
    assert read_number(value) is None


def test_a_shape_has_a_sign_for_each_letter_and_digit() -> None:
    assert shape("Zürich-8001 AB") == "Aaaaaa-9999 AA"
    assert outline(shape("Zürich-8001 AB")) == "Aa-9 A"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (12.0, "12"),
        (0.052000000000000005, "0.052"),
        (12345678901.55, "12345678901.55"),
        (123456789012.0, "123456789012"),
        (-0.00001, "-0.00001"),
    ],
)
def test_a_number_is_written_in_digits(number: float, text: str) -> None:
    assert plain_number(number) == text


@given(st.lists(st.text("-0123.,%€ ", max_size=7)))
def test_many_numbers_are_read_as_each_of_them(values: list[str]) -> None:
    numbers, ways, every = read_numbers(values)
    for value, number, way in zip(values, numbers.tolist(), ways.tolist(), strict=True):
        read = read_number(value)
        assert (way == 0) == (read is None) == isnan(number)
        assert read is None or (read.around, read.mark, read.likely) == (*every[way], number)
