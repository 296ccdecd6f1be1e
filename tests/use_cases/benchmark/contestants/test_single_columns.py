"""The naive contestant does what its name says, and no more."""

from tests.use_cases.benchmark.contestants.tables import changes, table
from use_cases.benchmark.contestants.single_columns import fill_with_mode
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
