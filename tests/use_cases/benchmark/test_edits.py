"""Edits change exactly what they name, and only where the old value is there."""

import pytest

from use_cases.benchmark.edits import apply_edits
from use_cases.benchmark.model import Edit, EditKind, TextTable

CITIES = TextTable(
    ("city", "country"),
    ("1", "2", "3"),
    (("Zürich", "Zurich", "Bern"), ("CH", "CH", "")),
)


def cell(row: str, column: str, old: str, new: str) -> Edit:
    return Edit(kind=EditKind.CELL, rows=(row,), column=column, old=old, new=new)


def value_map(column: str, old: str, new: str) -> Edit:
    return Edit(kind=EditKind.MAP, column=column, old=old, new=new)


def test_a_cell_is_replaced_where_its_old_value_is_there() -> None:
    edit = cell("3", "country", "", "CH")
    done = apply_edits(CITIES, [edit])
    assert done.table.cell("3", "country") == "CH"
    assert done.cells == {("3", "country"): edit}
    assert not done.rejected
    assert CITIES.cell("3", "country") == ""


def test_a_value_map_changes_every_cell_with_the_value_but_no_cell_twice() -> None:
    done = apply_edits(
        CITIES, [cell("1", "country", "CH", "Switzerland"), value_map("country", "CH", "CHE")]
    )
    assert done.table.by_name["country"] == ("Switzerland", "CHE", "")


def test_rows_are_deleted_and_merged_into_the_first() -> None:
    merge = Edit(kind=EditKind.MERGE, rows=("1", "2"))
    done = apply_edits(CITIES, [cell("2", "city", "Zurich", "Zürich"), merge])
    assert done.table.ids == ("1", "3")
    assert done.removed == {"2": merge}
    assert not done.cells  # its row is gone
    assert apply_edits(CITIES, [Edit(kind=EditKind.DELETE, rows=("1", "3"))]).table.ids == ("2",)


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (cell("9", "city", "Bern", "Basel"), "no such row"),
        (cell("1", "town", "Bern", "Basel"), "no such column"),
        (cell("1", "city", "Bern", "Basel"), "the old text is not there"),
        (cell("3", "city", "Bern", "Bern"), "the new text is the old one"),
        (value_map("city", "Genf", "Genève"), "the old text is not there"),
        (Edit(kind=EditKind.CELL, rows=("1",), column="city", new="Basel"), "incomplete"),
        (Edit(kind=EditKind.CELL, column="city", old="Bern", new="Basel"), "incomplete"),
        (Edit(kind=EditKind.MERGE, rows=("1",)), "incomplete"),
        (Edit(kind=EditKind.MERGE, rows=("1", "1")), "edited by another edit"),
        (Edit(kind=EditKind.DELETE, rows=("1", "9")), "no such row"),
    ],
)
def test_an_edit_that_does_not_fit_changes_nothing_and_says_why(edit: Edit, why: str) -> None:
    done = apply_edits(CITIES, [edit])
    assert done.table == CITIES
    assert [(each.edit, each.why) for each in done.rejected] == [(edit, why)]


def test_the_same_cell_is_edited_once() -> None:
    second = cell("3", "city", "Bern", "Basel")
    done = apply_edits(CITIES, [cell("3", "city", "Bern", "Biel"), second])
    assert done.table.cell("3", "city") == "Biel"
    assert [(each.edit, each.why) for each in done.rejected] == [(second, "edited by another edit")]


@pytest.mark.parametrize(
    ("columns", "ids", "values"),
    [
        (("a", "a"), ("1",), (("x",), ("y",))),
        (("a",), ("1", "1"), (("x", "y"),)),
        (("a",), ("1", "2"), (("x",),)),
        (("a", "b"), ("1",), (("x",),)),
    ],
)
def test_a_table_has_one_cell_for_each_row_and_column(
    columns: tuple[str, ...], ids: tuple[str, ...], values: tuple[tuple[str, ...], ...]
) -> None:
    with pytest.raises(ValueError, match=r"column|unique"):
        TextTable(columns, ids, values)
