"""The truth about dirty tables, by names and ids."""

import pytest

from use_cases.benchmark.errors import TableSchemaInvalid, TruthMismatch
from use_cases.benchmark.model import Dependency, TableSchema, TextTable, ValueKind
from use_cases.benchmark.truth import (
    fitted,
    fitting,
    fitting_rules,
    is_known,
    repeated_rows,
    truth_of,
)

DIRTY = TextTable(("city", "zip"), ("a", "b", "c"), (("Bend", "Bendx", "Gary"), ("1", "1", "")))


def test_columns_are_matched_by_name_and_rows_by_id() -> None:
    written = TextTable(
        ("zip", "city"), ("c", "a", "b"), (("2", "1", "1"), ("Gary", "Bend", "Bend"))
    )
    clean = truth_of(DIRTY, written)
    assert clean.columns == ("city", "zip")
    assert clean.by_name == {"city": ("Gary", "Bend", "Bend"), "zip": ("2", "1", "1")}


def test_a_list_of_right_values() -> None:
    columns = ("tid", "attribute", "correct_val")
    written = TextTable(columns, ("1", "2"), (("1", "0"), ("city", "zip"), ("Bend", "1")))
    clean = truth_of(DIRTY, written)
    assert clean.by_name["city"] == ("Bend", "Bend", "Gary")


@pytest.mark.parametrize(("tid", "name"), [("3", "city"), ("x", "city"), ("0", "town")])
def test_a_right_value_of_no_cell_is_refused(tid: str, name: str) -> None:
    written = TextTable(("tid", "attribute", "correct_val"), ("1",), ((tid,), (name,), ("x",)))
    with pytest.raises(TruthMismatch, match="a cell that is not there"):
        truth_of(DIRTY, written)


def test_a_truth_of_another_table_is_refused() -> None:
    with pytest.raises(TruthMismatch, match="'town'"):
        truth_of(DIRTY, TextTable(("city", "zip", "town"), ("a",), (("",), ("",), ("",))))
    with pytest.raises(TruthMismatch, match="no row 'd'"):
        truth_of(DIRTY, TextTable(("city", "zip"), ("d",), (("",), ("",))))


def test_rows_that_only_the_dirty_table_has_repeat_one_of_the_same_key() -> None:
    clean = TextTable(("city", "zip"), ("a", "c"), (("Bend", "Gary"), ("1", "2")))
    assert repeated_rows(DIRTY, clean, ("zip",)) == {"b": "a"}
    assert repeated_rows(DIRTY, DIRTY, ()) == {}
    for key in [(), ("city",)]:
        with pytest.raises(TruthMismatch, match="which row it repeats"):
            repeated_rows(DIRTY, clean, key)


def test_a_schema_names_columns_in_the_spelling_of_the_table() -> None:
    columns = ("brewery-name", "id")
    schema = TableSchema(key=("ID",), dependencies=(Dependency(("id",), "brewery_name"),))
    found = fitted(schema, columns)
    assert found.key == ("id",)
    assert found.dependencies == (Dependency(("id",), "brewery-name"),)
    with pytest.raises(TableSchemaInvalid, match="no column 'town'"):
        fitted(TableSchema(references=(("town", "id"),)), columns)


def test_what_a_schema_states_of_columns_that_are_not_there_is_named() -> None:
    schema = TableSchema(
        kinds={"Name": ValueKind.TEXT, "size": ValueKind.NUMBER},
        key=("name", "town"),
        dependencies=(Dependency(("name",), "town"), Dependency(("NAME",), "Name")),
    )
    found, lacking = fitting(schema, ("name", "Name"))
    assert found.kinds == {"Name": ValueKind.TEXT}
    assert (found.key, found.dependencies) == ((), (Dependency(("name",), "Name"),))
    assert lacking == ["town", "size"]


def test_rules_of_columns_that_are_not_there_are_left_out() -> None:
    rules = (Dependency(("id",), "brewery_name"), Dependency(("ID",), "brewery-name"))
    other = Dependency(("id",), "town")
    found = fitting_rules(TableSchema(dependencies=(*rules, other)), ("brewery-name", "id"))
    assert found.dependencies == (Dependency(("id",), "brewery-name"),)


@pytest.mark.parametrize(
    ("name", "columns", "known"),
    [
        ("beers", "id beer-name style ounces abv ibu", True),
        ("renuver_restaurant", "name addr city phone type class", True),
        ("beers", "id name", False),
        ("drinks", "id beer-name style ounces abv ibu", False),
    ],
)
def test_public_tables_are_recognised(name: str, columns: str, known: bool) -> None:
    assert is_known(name, columns.split()) is known
