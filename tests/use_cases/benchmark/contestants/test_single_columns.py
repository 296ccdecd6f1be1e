"""The naive contestants do what their names say, and no more."""

from tests.use_cases.benchmark.contestants.tables import changes, table
from use_cases.benchmark.contestants.single_columns import correct_spelling, fill_with_mode
from use_cases.benchmark.model import ErrorKind, TableSchema


def test_missing_cells_get_the_most_frequent_value() -> None:
    dirty = table(city=["Bern", "Genf", "Bern", "", " N/A"], empty=["", "", "", "", ""])
    edits = fill_with_mode(dirty, TableSchema())
    assert changes(dirty, edits) == {("3", "city"): "Bern", ("4", "city"): "Bern"}
    assert [edit.error for edit in edits] == [
        ErrorKind.EXPLICIT_MISSING,
        ErrorKind.DISGUISED_MISSING,
    ]


def test_the_first_of_several_frequent_values_is_taken() -> None:
    dirty = table(city=["Genf", "Bern", ""])
    assert changes(dirty, fill_with_mode(dirty, TableSchema())) == {("2", "city"): "Genf"}


def test_a_rare_value_becomes_the_frequent_one_beside_it() -> None:
    dirty = table(city=["Zürich"] * 5 + ["Zurich", "Bern", ""])
    edits = correct_spelling(dirty, TableSchema())
    assert changes(dirty, edits) == {("5", "city"): "Zürich"}
    assert edits[0].reason == "'Zurich' is rare in city (1), 'Zürich' is frequent (5)."


def test_numbers_and_values_between_two_frequent_ones_stay() -> None:
    dirty = table(code=["abc"] * 5 + ["abd"] * 5 + ["abe"], number=["1234"] * 10 + ["1235"])
    assert correct_spelling(dirty, TableSchema()) == []
