import pytest

from tests.use_cases.benchmark.scoring.small_tables import table
from use_cases.benchmark.model import MISSING
from use_cases.benchmark.scoring.cell_outcomes import compare_tables
from use_cases.benchmark.scoring.find_row_ids import unique_ids

DIRTY = table("name city", "ann rome", "bob oslo", "cat x")
CLEAN = table("name city", "ann rome", "bob oslo", "cat bern")


def test_rows_meet_by_id_and_columns_by_name() -> None:
    output = table("city name", "bern cat", "rome ann", "oslo bob", ids="3 1 2")
    found = compare_tables(DIRTY, CLEAN, output, {})
    assert list(found.output) == ["name", "city"]
    assert found.rows == ("1", "2", "3")
    assert found.output["name"] == ("ann", "bob", "cat")
    assert found.output["city"] == ("rome", "oslo", "bern")


def test_a_dropped_row_is_missing_and_an_invented_one_too_elsewhere() -> None:
    output = table("name city", "ann rome", "dan paris", ids="1 9")
    found = compare_tables(DIRTY, CLEAN, output, {})
    assert found.rows == ("1", "2", "3", "9")
    assert found.output["name"] == ("ann", MISSING, MISSING, "dan")
    assert found.dirty["name"] == ("ann", "bob", "cat", MISSING)
    assert found.clean["name"] == ("ann", "bob", "cat", MISSING)
    assert (found.changes.dropped_rows, found.changes.invented_rows) == (2, 1)


def test_a_repeated_id_keeps_its_first_row_and_the_others_are_invented() -> None:
    ids = unique_ids(["1", "2", "1", "3", "1"])
    assert len(set(ids)) == 5
    output = table("name city", "ann rome", "bob oslo", "x y", "cat bern", "v w", ids=" ".join(ids))
    found = compare_tables(DIRTY, CLEAN, output, {})
    assert found.output["name"][:3] == ("ann", "bob", "cat")
    assert (found.changes.repeated_ids, found.changes.invented_rows) == (2, 2)


def test_a_missing_column_is_missing_in_each_row_and_an_added_one_is_only_reported() -> None:
    output = table("name country", "ann it", "bob no", "cat ch")
    found = compare_tables(DIRTY, CLEAN, output, {})
    assert found.output["city"] == (MISSING,) * 3
    assert found.changes.added_columns == ("country",)
    assert found.changes.missing_columns == ("city",)


def test_a_removed_duplicate_is_as_the_truth_has_it() -> None:
    dirty = table("name city", "ann rome", "bob oslo", "cat bern", "ann rome", ids="1 2 3 7")
    found = compare_tables(dirty, CLEAN, CLEAN, {}, duplicates={"7": "1"})
    assert found.clean["name"][3] == found.output["name"][3] == MISSING
    assert (found.changes.removed_duplicates, found.changes.dropped_rows) == (1, 0)


def test_a_duplicate_that_was_kept_alone_stands_in_for_its_original() -> None:
    dirty = table("name city", "ann rome", "bob oslo", "cat bern", "ann roma", ids="1 2 3 7")
    output = table("name city", "bob oslo", "cat bern", "ann roma", ids="2 3 7")
    found = compare_tables(dirty, CLEAN, output, {}, duplicates={"7": "1"})
    assert found.output["city"] == ("roma", "oslo", "bern", MISSING)
    assert (found.changes.stand_ins, found.changes.dropped_rows) == (1, 0)


def test_tables_without_a_column_in_common_are_refused() -> None:
    with pytest.raises(ValueError, match="no column in common"):
        compare_tables(DIRTY, table("other", "x"), DIRTY, {})
