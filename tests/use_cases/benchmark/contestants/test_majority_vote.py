"""The majority of a group wins, over several dependencies and rounds."""

from tests.use_cases.benchmark.contestants.tables import changes, table
from use_cases.benchmark.contestants.majority_vote import vote_given
from use_cases.benchmark.model import Dependency, ErrorKind, TableSchema

ZIP_TOWN = TableSchema(dependencies=(Dependency(("zip",), "town"),))


def test_the_minority_and_missing_cells_get_the_majority_s_value() -> None:
    dirty = table(zip=["1", "1", "1", "1", "2"], town=["Bern", "Bren", "Bern", "", "Genf"])
    edits = vote_given(dirty, ZIP_TOWN)
    assert changes(dirty, edits) == {("1", "town"): "Bern", ("3", "town"): "Bern"}
    assert [edit.error for edit in edits] == [
        ErrorKind.BROKEN_DEPENDENCY,
        ErrorKind.EXPLICIT_MISSING,
    ]
    assert edits[0].reason == "2 of 3 votes of rows with the same zip."


def test_without_a_majority_nothing_is_changed() -> None:
    dirty = table(zip=["1", "1", "2", "2"], town=["Bern", "Bren", "", ""])
    assert vote_given(dirty, ZIP_TOWN) == []


def test_the_groups_of_all_dependencies_vote_together() -> None:
    schema = TableSchema(dependencies=(Dependency(("zip",), "town"), Dependency(("tel",), "town")))
    dirty = table(
        zip=["1", "1", "1", "2", "2"],
        tel=["7", "7", "8", "8", "8"],
        town=["Bern", "Bern", "Genf", "Genf", "Genf"],
    )
    # The zip of row 2 is for Bern (2 of 3), its telephone for Genf (3 of 3).
    assert vote_given(dirty, schema) == []


def test_a_corrected_determinant_brings_its_row_into_the_group() -> None:
    schema = TableSchema(dependencies=(Dependency(("tel",), "zip"), Dependency(("zip",), "town")))
    dirty = table(
        tel=["7", "7", "7", "8"], zip=["1", "1", "x", "1"], town=["Bern", "Bern", "Bren", "Bern"]
    )
    assert changes(dirty, vote_given(dirty, schema)) == {("2", "zip"): "1", ("2", "town"): "Bern"}
