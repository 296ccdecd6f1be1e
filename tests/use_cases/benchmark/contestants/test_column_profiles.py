"""Profiles of columns: short, exact, and one line for each text."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from use_cases.benchmark.contestants.column_profiles import (
    describe_columns,
    pattern,
    row_line,
    shown,
)
from use_cases.benchmark.model import Dependency, Table, TableSchema, ValueKind


@pytest.mark.parametrize(
    ("cell", "shape"),
    [
        ("Main St 12", "Aa Aa 9"),
        ("02134", "9"),
        ("12.0 oz.", "9.9 a."),
        ("Zürich", "Aa"),
        ("a--b\n\nc", "a-a\na"),
        ("", ""),
        ("a1" * 50, "a9" * 20),
    ],
)
def test_a_shape_has_one_sign_for_a_run_of_one_class(cell: str, shape: str) -> None:
    assert pattern(cell) == shape


@given(st.lists(st.text(max_size=300)))
def test_cells_are_one_line_of_json_that_reads_as_they_are(cells: list[str]) -> None:
    line = row_line(cells)
    assert "\n" not in line
    assert json.loads(line) == cells
    assert line == f"[{', '.join(map(shown, cells))}]"


def test_a_long_cell_is_cut_and_says_how_long_it_is() -> None:
    assert shown("x" * 1000) == f'"{"x" * 300}… (1,000 characters)"'


def test_a_profile_has_values_shapes_and_what_is_declared() -> None:
    table = Table(
        ("zip", "city"),
        tuple("1234"),
        (("02134", "02134", "N/A", "2134-X"), ("Boston", "Boston", "", "Boston ")),
    )
    schema = TableSchema(
        kinds={"zip": ValueKind.IDENTIFIER}, key=("zip",), references=(("city", "zip"),)
    )
    assert describe_columns(table, schema, [Dependency(("zip",), "city")]) == (
        "4 rows, 2 columns.\n"
        'Column "zip", identifier: 3 different values.\n'
        '  frequent: "02134" 2×, "N/A" 1×, "2134-X" 1×\n'
        '  shapes: "9" 2×, "A/A" 1×, "9-A" 1×\n'
        '  missing: "N/A" 1×\n'
        'Column "city": 3 different values.\n'
        '  frequent: "Boston" 2×, "" 1×, "Boston " 1×\n'
        '  shapes: "Aa" 2×, "" 1×, "Aa " 1×\n'
        '  missing: "" 1×\n'
        'An entity is identified by: "zip".\n'
        'Rows that agree in "zip" should agree in "city".\n'
        'Every value of "city" should occur in "zip".'
    )


def test_a_profile_is_as_long_for_many_rows_as_for_few() -> None:
    many = Table(
        ("id",), tuple(map(str, range(5000))), (tuple(f"customer {n:05}" for n in range(5000)),)
    )
    assert len(describe_columns(many, TableSchema())) < 500
