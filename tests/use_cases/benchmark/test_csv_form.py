"""Tables as CSV, exactly."""

import pytest

from use_cases.benchmark.csv_form import csv_text, digest
from use_cases.benchmark.errors import TableHeaderInvalid, TableTextInvalid
from use_cases.benchmark.model import TextTable

TABLE = TextTable(("name", "zip"), ("1", "2"), (("Ann, B.", 'a "b"'), ("01907", "")))


def test_cells_are_quoted_where_they_must_be() -> None:
    assert csv_text(TABLE) == 'name,zip\n"Ann, B.",01907\n"a ""b""",\n'


def test_ids_are_the_first_column_where_it_is_named() -> None:
    assert csv_text(TABLE, id_column="row") == 'row,name,zip\n1,"Ann, B.",01907\n2,"a ""b""",\n'


def test_a_formula_stays_as_it_is() -> None:
    assert csv_text(TextTable(("a",), ("1",), (("=1+1",),))) == "a\n=1+1\n"


def test_an_empty_cell_of_a_single_column_is_a_row() -> None:
    assert csv_text(TextTable(("a",), ("1",), (("",),))) == 'a\n""\n'


def test_an_id_column_that_the_table_has_is_refused() -> None:
    with pytest.raises(TableHeaderInvalid, match="the ids need another name"):
        csv_text(TABLE, id_column="zip")


@pytest.mark.parametrize(("cell", "named"), [("a\ud800", r"U\+D800"), ("\0", r"U\+0000")])
def test_a_text_that_no_file_holds_is_refused(cell: str, named: str) -> None:
    with pytest.raises(TableTextInvalid, match=named):
        csv_text(TextTable(("a",), ("1",), ((cell,),)))


def test_the_digest_is_of_columns_ids_and_cells() -> None:
    others = [
        TextTable(("name", "ZIP"), ("1", "2"), TABLE.values),
        TextTable(("name", "zip"), ("1", "3"), TABLE.values),
        TextTable(("name", "zip"), ("1", "2"), (TABLE.values[0], ("1907", ""))),
    ]
    assert len({digest(TABLE), *map(digest, others)}) == 4
    assert digest(TABLE, others[0]) != digest(others[0], TABLE)
    assert (
        digest(TextTable(("a",), ("1",), (("b",),)))
        == "95de325ecc0b539b9ba328f96f580e2988050542f51bdb9a9cc908f9e794b4a8"
    )
