"""Rows are merged only where it is sure that they are one entity."""

from tests.use_cases.benchmark.contestants.tables import table
from use_cases.benchmark.contestants.repeated_rows import find_repeated_rows
from use_cases.benchmark.edits import apply_edits
from use_cases.benchmark.model import ErrorKind, TableSchema

VISIT = TableSchema(key=("visit",))


def test_rows_of_one_key_that_are_nearly_equal_are_merged_into_the_fullest() -> None:
    dirty = table(
        visit=["1", "2", "1", "3"],
        name=["Anna", "Bob", "Anna", "Cleo"],
        town=["", "Genf", "Bern", "Bern"],
        year=["2024", "2024", "2024", "2025"],
    )
    (merge,) = find_repeated_rows(dirty, VISIT)
    assert (merge.rows, merge.error) == (("2", "0"), ErrorKind.FUZZY_DUPLICATE)
    assert apply_edits(dirty, [merge]).table.ids == ("1", "2", "3")


def test_a_merge_names_what_its_owner_sees_of_both_rows() -> None:
    dirty = table(
        visit=["1", "2", "1", "1"],
        name=["Anna", "Bob", "Anna", "Anna"],
        town=["Bern", "Genf", "Bern", ""],
        year=["2024", "2024", "2024", "2024"],
    )
    assert [(edit.rows, edit.error, edit.reason) for edit in find_repeated_rows(dirty, VISIT)] == [
        (("0", "2"), ErrorKind.EXACT_DUPLICATE, "The rows are equal."),
        (
            ("0", "3"),
            ErrorKind.FUZZY_DUPLICATE,
            "The rows are one by the key visit; 3 of 4 cells are equal.",
        ),
    ]
    corrected = table(name=["Anna Ruf", "Bob", "Anna Ruf"], tel=["555", "777", "555"])
    dirty = corrected.with_cells({("2", "name"): "Anna Rvf"})
    (edit,) = find_repeated_rows(corrected, TableSchema(), dirty)
    assert edit.error is ErrorKind.FUZZY_DUPLICATE
    assert (
        edit.reason == "The rows are equal when their errors are corrected; 1 of 2 cells are equal."
    )


def test_rows_of_one_key_that_differ_have_a_wrong_key() -> None:
    dirty = table(visit=["1", "1"], name=["Anna", "Bob"], town=["Bern", "Genf"], year=["1", "2"])
    assert find_repeated_rows(dirty, VISIT) == []


def test_a_missing_key_is_no_key() -> None:
    assert find_repeated_rows(table(visit=["", ""], name=["a", "a"]), VISIT) == []


def test_without_a_key_equal_rows_with_values_of_their_own_are_merged() -> None:
    dirty = table(
        name=["Anna Ruf", "Bob Ray", "Anna Ruf"], tel=["555", "777", "555"], sex=["f", "m", "f"]
    )
    (merge,) = find_repeated_rows(dirty, TableSchema())
    assert (merge.rows, merge.error) == (("0", "2"), ErrorKind.EXACT_DUPLICATE)


def test_without_a_key_equal_rows_of_common_values_stay() -> None:
    dirty = table(age=["30", "30", "30", "31"], sex=["f", "f", "f", "m"], job=["x", "x", "x", "y"])
    assert find_repeated_rows(dirty, TableSchema()) == []


def test_without_a_key_rows_that_differ_stay() -> None:
    dirty = table(name=["Anna", "Anna"], tel=["555", "555"], town=["Bern", ""])
    assert find_repeated_rows(dirty, TableSchema()) == []


def test_of_two_spellings_the_usual_one_stays() -> None:
    dirty = table(
        visit=["1", "1", "2", "3"],
        town=["Bren", "Bern", "Bern", "Bern"],
        year=["2024", "2024", "2024", "2025"],
    )
    (merge,) = find_repeated_rows(dirty, VISIT)
    assert merge.rows == ("1", "0")
