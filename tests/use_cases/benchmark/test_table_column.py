"""Promises of the cells of a column, of packed texts and of numbers of rows: they read as tuples of texts."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from use_cases.benchmark.model import TextTable
from use_cases.benchmark.table_column import PackedTexts, RowNumbers, TableColumn, join, pack

_TEXTS = st.lists(st.text(st.characters(), max_size=6), max_size=30)
"""Lone surrogates and U+0000 among them."""


@given(cells=_TEXTS)
def test_cells_and_packed_texts_read_as_the_tuple_of_them(cells: list[str]) -> None:
    for made in (TableColumn(cells), PackedTexts(cells)):
        assert made == tuple(cells)
        assert list(made) == [made[at] for at in range(len(cells))]
        assert made[::-2] == tuple(cells[::-2])
        assert not cells or made[-1] == cells[-1]


@given(
    cells=_TEXTS.filter(bool), new=st.dictionaries(st.integers(0, 29), st.text(max_size=2)),
    kept=st.integers(0),
)  # fmt: skip
def test_changed_and_chosen_cells(cells: list[str], new: dict[int, str], kept: int) -> None:
    put: Mapping[int, str] = {at: text for at, text in new.items() if at < len(cells)}
    changed = TableColumn(cells).changed(put)
    assert changed == tuple(put.get(at, cell) for at, cell in enumerate(cells))
    places = np.array([kept >> at & 1 for at in range(len(cells))], np.bool_)
    assert changed.at(places) == tuple(c for c, k in zip(changed, places, strict=True) if k)


@given(parts=st.lists(_TEXTS, min_size=1, max_size=4), which=st.integers(0))
def test_a_column_of_parts_has_their_cells_and_each_text_once(
    parts: list[list[str]], which: int
) -> None:
    cells = [cell for part in parts for cell in part]
    column = TableColumn(*(TableColumn(p) if which >> n & 1 else p for n, p in enumerate(parts)))
    assert column == tuple(cells)
    assert tuple(column.texts) == tuple(dict.fromkeys(cells))


@given(parts=st.lists(_TEXTS, min_size=1, max_size=4), which=st.integers(0))
def test_parts_of_any_form_are_joined(parts: list[list[str]], which: int) -> None:
    column = join([PackedTexts(p) if which >> n & 1 else pack(p) for n, p in enumerate(parts)])
    cells = [cell for part in parts for cell in part]
    assert column == tuple(cells)
    assert tuple(column.texts) == tuple(dict.fromkeys(cells))


@given(cells=st.lists(st.text("ab &ä\n", max_size=3), max_size=9), wanted=st.sets(st.text("ab")))
def test_texts_are_sorted_out_all_at_once(cells: list[str], wanted: set[str]) -> None:
    packed = PackedTexts(cells)
    column = join([packed])
    assert [column.texts[code] for code in column.codes_of(wanted)] == [
        text for text in dict.fromkeys(cells) if text in wanted
    ]
    beside = {column.texts[code] for code in column.codes_beside({"a", " "})}
    assert beside >= {cell for cell in cells if cell[:1] not in ("a", " ")}
    assert packed.mapped(str.upper) == tuple(map(str.upper, cells))
    assert column.mapped(str.strip) == tuple(map(str.strip, cells))
    if packed.are_plain():
        assert not [cell for cell in cells if " ".join(cell.split()) != cell or "&" in cell]


@pytest.mark.parametrize("cells", [["a b", "", "c"], ["x", "y z"]])
def test_plain_texts(cells: list[str]) -> None:
    assert PackedTexts(cells).are_plain()
    for stray in (" a", "a ", "a  b", "a&amp;b", "ä", "\t"):
        assert not PackedTexts([*cells, stray]).are_plain()


@pytest.mark.parametrize("several", [100, 1_500, 40_000])
def test_many_different_texts(several: int) -> None:
    cells = tuple(f"ä{number}" for number in range(several))
    column = TableColumn(cells)
    assert column == cells
    assert column.changed({several - 1: "new"})[several - 1] == "new"


def test_rows_by_their_numbers() -> None:
    rows = RowNumbers([1, 2, 5, 30])
    table = TextTable(("a",), rows, (("x", "", "y", "z"),))
    assert rows == ("1", "2", "5", "30")
    assert dict(table.place_of) == {"1": 0, "2": 1, "5": 2, "30": 3}
    assert not {"3", "05", "5 ", "", "x", "²", "٥", "9" * 40} & table.place_of.keys()
    assert table.without_rows(frozenset({"2", "7"})).ids == ("1", "5", "30")
    assert table.with_cells({("5", "a"): "new"}).cell("5", "a") == "new"
