"""What looks wrong beside the other cells of its row, or beside other rows."""

import random
from collections.abc import Callable, Mapping, Sequence

import pytest

from tests.use_cases.benchmark.contestants.tables import changes, table
from use_cases.benchmark.contestants.detectors import DETECTORS, examine_columns
from use_cases.benchmark.contestants.draft_table import DraftTable, repairs
from use_cases.benchmark.contestants.row_detectors import (
    find_broken_order,
    find_broken_sums,
    find_misplaced,
    find_repeated_keys,
    find_repeated_rows,
)
from use_cases.benchmark.edits import apply_edits
from use_cases.benchmark.model import CellAddress, Edit, ErrorKind, Finding, TableSchema, TextTable


def misplaced(dirty: TextTable) -> Sequence[Finding]:
    draft = DraftTable(dirty)
    find_misplaced(draft)
    return draft.findings()


def put_back(dirty: TextTable) -> Mapping[CellAddress, str]:
    return changes(dirty, repairs(misplaced(dirty)))


def test_swapped_fields_are_put_back() -> None:
    dirty = table(zip=["3000"] * 20 + ["Bern"], town=["Bern"] * 20 + ["3000"])
    assert put_back(dirty) == {("20", "zip"): "3000", ("20", "town"): "Bern"}


def test_names_that_are_first_names_and_family_names_stay() -> None:
    dirty = table(
        first=["Scott"] * 20 + ["Thomas"] * 2 + ["Anna"],
        family=["Thomas"] * 20 + ["Scott"] * 2 + ["Ruf"],
    )
    assert put_back(dirty) == {}


def test_numbers_stay() -> None:
    assert put_back(table(a=["1"] * 20 + ["2"], b=["2"] * 20 + ["1"])) == {}


def test_one_strange_field_is_not_swapped() -> None:
    dirty = table(zip=["3000"] * 20 + ["Bern"], town=["Bern"] * 20 + ["Genf"])
    assert put_back(dirty) == {}


def test_cells_that_moved_by_one_column_are_found_one_by_one() -> None:
    usual = 30
    dirty = table(
        id=[f"K-{100 + row}" for row in range(usual + 1)],
        town=[*(["Bern", "Genf", "Zug"] * 10), ""],
        zip=[*(["3000", "1200", "6300"] * 10), "Bern"],
        day=[*(f"2024-05-{1 + row % 28:02}" for row in range(usual)), "3000"],
        note=[*(f"call {row}" for row in range(usual)), "2024-05-03"],
    )
    draft = DraftTable(dirty)
    examine_columns(draft, DETECTORS)
    find_misplaced(draft)
    moved = {(each.row, each.column) for each in draft.findings() if each.row == "30"}
    assert moved == {("30", "town"), ("30", "zip"), ("30", "day"), ("30", "note")}


def test_cells_that_moved_from_the_last_column_are_found_with_the_one_left_empty() -> None:
    usual = 30
    dirty = table(
        id=[*(f"K-{100 + row}" for row in range(usual)), "Bern"],
        town=[*(["Bern", "Genf", "Zug"] * 10), "3000"],
        zip=[*(["3000", "1200", "6300"] * 10), "2024-05-03"],
        day=[*(f"2024-05-{1 + row % 28:02}" for row in range(usual)), ""],
    )
    draft = DraftTable(dirty)
    examine_columns(draft, DETECTORS)
    find_misplaced(draft)
    assert {each.column for each in draft.findings() if each.row == "30"} == set(dirty.columns)


def found(dirty: TextTable, *detectors: Callable[[DraftTable], None]) -> Sequence[CellAddress]:
    draft = DraftTable(dirty)
    for detector in detectors:
        detector(draft)
    assert all(each.repair is None for each in draft.findings())
    return [(each.row, each.column or "") for each in draft.findings()]


def bills(**cells: str) -> TextTable:
    """Forty bills; the last one has other cells."""
    chance = random.Random(2)
    rows = [(chance.randint(2, 30), chance.randint(100, 900) / 10) for _ in range(40)]
    columns = {
        "number": [f"B-{1000 + row}" for row in range(40)],
        "pieces": [str(pieces) for pieces, _ in rows],
        "each": [f"{price:.2f}" for _, price in rows],
        "total": [f"{pieces * price:.2f}" for pieces, price in rows],
        "sent": [f"2024-03-{1 + row % 20:02}" for row in range(40)],
        "paid": [f"2024-04-{1 + row % 20:02}" for row in range(40)],
    }
    return table(**{name: [*c[:-1], cells.get(name, c[-1])] for name, c in columns.items()})


@pytest.mark.parametrize(
    ("cells", "named"),
    [
        ({}, []),
        ({"total": "1.00"}, [("39", "total")]),
        ({"paid": "2024-03-01"}, [("39", "paid")]),
        ({"number": "B-1003"}, [("3", "number"), ("39", "number")]),
    ],
)
def test_exceptions_of_what_nearly_all_rows_keep_are_found(
    cells: Mapping[str, str], named: Sequence[CellAddress]
) -> None:
    detectors = (find_broken_sums, find_broken_order, find_repeated_keys)
    assert found(bills(**cells), *detectors) == named


def test_a_row_that_repeats_another_under_another_key_is_found() -> None:
    clean = bills()
    again = TextTable(
        clean.columns,
        (*clean.ids, "40"),
        tuple(
            (*cells, "B-2000" if name == "number" else cells[7])
            for name, cells in clean.by_name.items()
        ),
    )
    draft = DraftTable(again)
    find_repeated_rows(draft, TableSchema())
    find_repeated_keys(draft)
    (finding,) = draft.findings()
    assert (finding.row, finding.column, finding.repair) == ("40", None, None)
    assert finding.evidence == "Row 7 has the same cells in 5 of 6 columns."


def repeated(dirty: TextTable, schema: TableSchema | None = None) -> Sequence[Edit]:
    """The merges of the rows that repeat another."""
    draft = DraftTable(dirty)
    find_repeated_rows(draft, schema or TableSchema())
    return repairs(draft.findings())


VISIT = TableSchema(key=("visit",))


def test_rows_of_one_key_that_are_nearly_equal_are_merged_into_the_fullest() -> None:
    dirty = table(
        visit=["1", "2", "1", "3"],
        name=["Anna", "Bob", "Anna", "Cleo"],
        town=["", "Genf", "Bern", "Bern"],
        year=["2024", "2024", "2024", "2025"],
    )
    (merge,) = repeated(dirty, VISIT)
    assert (merge.rows, merge.error) == (("2", "0"), ErrorKind.FUZZY_DUPLICATE)
    assert apply_edits(dirty, [merge]).table.ids == ("1", "2", "3")


def test_a_merge_names_what_its_owner_sees_of_both_rows() -> None:
    dirty = table(
        visit=["1", "2", "1", "1"],
        name=["Anna", "Bob", "Anna", "Anna"],
        town=["Bern", "Genf", "Bern", ""],
        year=["2024", "2024", "2024", "2024"],
    )
    assert [(edit.rows, edit.error, edit.reason) for edit in repeated(dirty, VISIT)] == [
        (("0", "2"), ErrorKind.EXACT_DUPLICATE, "The rows are equal."),
        (
            ("0", "3"),
            ErrorKind.FUZZY_DUPLICATE,
            "The rows are one by the key visit; 3 of 4 cells are equal.",
        ),
    ]
    dirty = table(name=["Anna Ruf", "Bob", "Anna Rvf"], tel=["555", "777", "555"])
    draft = DraftTable(dirty)
    draft.find(2, "name", ErrorKind.TYPO, "misspelt", "Anna Ruf")
    draft.commit()
    find_repeated_rows(draft, TableSchema())
    edit = repairs(draft.findings())[-1]
    assert edit.error is ErrorKind.FUZZY_DUPLICATE
    assert (
        edit.reason == "The rows are equal when their errors are corrected; 1 of 2 cells are equal."
    )


def test_rows_of_one_key_that_differ_have_a_wrong_key() -> None:
    dirty = table(visit=["1", "1"], name=["Anna", "Bob"], town=["Bern", "Genf"], year=["1", "2"])
    assert repeated(dirty, VISIT) == []


def test_a_missing_key_is_no_key() -> None:
    assert repeated(table(visit=["", ""], name=["a", "a"]), VISIT) == []


def test_without_a_key_equal_rows_with_values_of_their_own_are_merged() -> None:
    dirty = table(
        name=["Anna Ruf", "Bob Ray", "Anna Ruf"], tel=["555", "777", "555"], sex=["f", "m", "f"]
    )
    (merge,) = repeated(dirty)
    assert (merge.rows, merge.error) == (("0", "2"), ErrorKind.EXACT_DUPLICATE)


def test_without_a_key_equal_rows_of_common_values_stay() -> None:
    dirty = table(age=["30", "30", "30", "31"], sex=["f", "f", "f", "m"], job=["x", "x", "x", "y"])
    assert repeated(dirty) == []


def test_without_a_key_rows_that_differ_stay() -> None:
    dirty = table(name=["Anna", "Anna"], tel=["555", "555"], town=["Bern", ""])
    assert repeated(dirty) == []


def test_of_two_spellings_the_usual_one_stays() -> None:
    dirty = table(
        visit=["1", "1", "2", "3"],
        town=["Bren", "Bern", "Bern", "Bern"],
        year=["2024", "2024", "2024", "2025"],
    )
    (merge,) = repeated(dirty, VISIT)
    assert merge.rows == ("1", "0")
