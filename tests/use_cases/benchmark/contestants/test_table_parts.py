"""What a model reads of a table."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from use_cases.benchmark.contestants.table_parts import (
    describe_columns,
    pattern,
    row_chunks,
    row_line,
    shown,
    value_pages,
)
from use_cases.benchmark.model import Dependency, TableSchema, TextTable, ValueKind


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


@given(st.lists(st.text(max_size=60), max_size=6))
def test_cells_are_one_line_of_json_that_reads_as_they_are(cells: list[str]) -> None:
    line = row_line(cells)
    assert "\n" not in line
    assert json.loads(line) == cells
    assert line == f"[{', '.join(map(shown, cells))}]"


def test_a_long_cell_is_cut_and_says_how_long_it_is() -> None:
    assert shown("x" * 1000) == f'"{"x" * 300}… (1,000 characters)"'


def test_a_profile_has_values_shapes_and_what_is_declared() -> None:
    table = TextTable(
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
    many = TextTable(
        ("id",), tuple(map(str, range(5000))), (tuple(f"customer {n:05}" for n in range(5000)),)
    )
    assert len(describe_columns(many, TableSchema())) < 500


CITY = Dependency(("zip",), "city")


def table(**columns: list[str]) -> TextTable:
    cells = tuple(tuple(each) for each in columns.values())
    return TextTable(tuple(columns), tuple(str(n) for n in range(len(cells[0]))), cells)


def rows_of(found: TextTable, *dependencies: Dependency, size: int = 4) -> list[tuple[str, ...]]:
    return [each.rows for each in row_chunks(found, TableSchema(), dependencies, size)]


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.text(max_size=5)), min_size=1, max_size=40),
    st.integers(1, 9),
)
def test_every_row_is_in_one_chunk(cells: list[tuple[str, str]], size: int) -> None:
    found = table(zip=[one for one, _ in cells], city=[other for _, other in cells])
    chunks = rows_of(found, CITY, size=size)
    assert sorted(row for chunk in chunks for row in chunk) == sorted(found.ids)
    assert max(map(len, chunks)) <= size


def test_rows_with_one_determinant_stand_together_and_no_chunk_cuts_them() -> None:
    found = table(zip=list("abcabcabc"), city=list("xyzxyzxyz"))
    assert rows_of(found, CITY) == [("0", "3", "6"), ("1", "4", "7"), ("2", "5", "8")]
    assert rows_of(found, CITY, size=6) == [("0", "3", "6", "1", "4", "7"), ("2", "5", "8")]


def test_a_group_larger_than_a_chunk_is_cut() -> None:
    found = table(zip=["a"] * 5, city=["x"] * 5)
    assert [len(chunk) for chunk in rows_of(found, CITY, size=2)] == [2, 2, 1]


def test_a_key_that_repeats_groups_and_one_that_is_unique_does_not() -> None:
    found = table(zip=list("abab"), city=["x", "y", "y", "x"])
    repeated = TableSchema(key=("city",))
    assert [each.rows for each in row_chunks(found, repeated, [CITY], 2)] == [
        ("0", "3"),
        ("1", "2"),
    ]
    unique = TableSchema(key=("zip", "city"))
    assert [each.rows for each in row_chunks(found, unique, [CITY], 2)] == [("0", "2"), ("1", "3")]


def test_without_dependencies_rows_that_look_alike_come_after_each_other() -> None:
    found = table(
        name=["Ann Lee", "Bob", "lee, ann", "Cy"], code=["1", "2", "3", "4"], kind=["x"] * 4
    )
    assert rows_of(found, size=2) == [("0", "2"), ("1", "3")]


def test_a_chunk_of_long_cells_has_fewer_rows() -> None:
    found = table(text=[f"{n} " + "x" * 290 for n in range(100)])
    assert all(len(each.text) < 13_000 for each in row_chunks(found, TableSchema(), (), 100))


def test_small_columns_share_a_page_and_values_that_are_alike_stand_together() -> None:
    [page] = value_pages(table(city=["Rome", "rome", "Bern"], zip=["1", "1", "2"]))
    assert page.text.splitlines() == [
        'Column "city":',
        '"Bern" 1×',
        '"Rome" 1×',
        '"rome" 1×',
        'Column "zip":',
        '"1" 2×',
        '"2" 1×',
    ]


def test_a_column_whose_values_repeat_is_shown_whole_over_several_pages() -> None:
    pages = list(value_pages(table(city=[f"city {n % 450}" for n in range(1000)])))
    assert len(pages) == 3
    assert all(page.text.startswith('Column "city":\n') for page in pages)
    assert sum(page.text.count("×") for page in pages) == 450


def test_of_a_column_of_single_values_the_odd_ones_are_shown() -> None:
    cells = [f"{n:05}" for n in range(1000)]
    cells[500:503] = ["N/A", "5oo", "12-34"]
    [page] = value_pages(table(code=cells))
    assert page.text.splitlines()[1:4] == ['"N/A" 1×', '"12-34" 1×', '"5oo" 1×']
    assert page.text.count("×") == 200
