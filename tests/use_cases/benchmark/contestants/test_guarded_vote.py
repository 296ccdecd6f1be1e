"""A vote changes a cell only where no other reading of the table is left."""

from collections.abc import Mapping

from tests.use_cases.benchmark.contestants.tables import changes, table
from use_cases.benchmark.contestants.draft_table import DraftTable, repairs
from use_cases.benchmark.contestants.guarded_vote import (
    Rule,
    vote_with_guards,
)
from use_cases.benchmark.model import CellAddress, Dependency, TextTable

ZIP_TOWN = Dependency(("zip",), "town")
ZIP_AREA = Dependency(("zip",), "area")
TEL_TOWN = Dependency(("tel",), "town")


def voted(dirty: TextTable, *rules: Rule) -> Mapping[CellAddress, str]:
    draft = DraftTable(dirty)
    vote_with_guards(draft, rules)
    return changes(dirty, repairs(draft.findings()))


def towns(*first: str) -> TextTable:
    """Ten rows of zip 1 in Bern, whose first towns are others, and ten of zip 2 in Genf."""
    bern = [*first, *["Bern"] * (10 - len(first))]
    return table(zip=["1"] * 10 + ["2"] * 10, town=[*bern, *["Genf"] * 10])


def test_a_misspelling_needs_no_more_than_its_group() -> None:
    assert voted(towns("Bren"), Rule(ZIP_TOWN)) == {("0", "town"): "Bern"}
    assert voted(towns("Bren"), Rule(ZIP_TOWN, weak=True)) == {("0", "town"): "Bern"}


def test_a_value_of_another_group_stays_where_its_determinant_may_be_wrong() -> None:
    assert voted(towns("Genf"), Rule(ZIP_TOWN)) == {}
    assert voted(towns("Genf"), Rule(ZIP_TOWN, weak=True)) == {}


def test_a_stated_dependency_says_which_side_is_wrong() -> None:
    assert voted(towns("Genf"), Rule(ZIP_TOWN, given=True)) == {("0", "town"): "Bern"}


def test_another_column_that_fits_the_determinant_corroborates_it() -> None:
    dirty = towns("Genf")
    area = ["west"] * 10 + ["far"] * 10
    both = table(zip=dirty.values[0], town=dirty.values[1], area=area)
    assert voted(both, Rule(ZIP_TOWN), Rule(ZIP_AREA)) == {("0", "town"): "Bern"}


def test_a_row_that_is_all_of_another_group_has_a_wrong_determinant() -> None:
    dirty = towns("Genf")
    area = ["far", *["west"] * 9, *["far"] * 10]
    both = table(zip=dirty.values[0], town=dirty.values[1], area=area)
    rules = (Rule(ZIP_TOWN, given=True), Rule(ZIP_AREA, given=True))
    assert voted(both, *rules) == {}


def test_determinants_that_disagree_change_nothing() -> None:
    dirty = table(
        zip=["1"] * 5 + ["2"] * 5, tel=["8"] * 4 + ["9"] * 6, town=["Bern"] * 4 + ["Genf"] * 6
    )
    rules = (Rule(ZIP_TOWN, given=True), Rule(TEL_TOWN, given=True))
    assert voted(dirty, *rules) == {}


def both_ways(**more: list[str]) -> TextTable:
    """Ten rows of zip 1 in Bern, whose first town is Genf, and ten of zip 2 in Genf."""
    first = towns("Genf")
    return table(zip=first.values[0], town=first.values[1], **more)


BOTH_WAYS = [Rule(ZIP_TOWN, given=True), Rule(Dependency(("town",), "zip"), given=True)]


def test_two_cells_that_make_each_other_wrong_are_both_doubted_and_stay() -> None:
    draft = DraftTable(both_ways())
    vote_with_guards(draft, BOTH_WAYS)
    found = [(each.row, each.column, each.repair) for each in draft.findings()]
    assert found == [("0", "zip", None), ("0", "town", None)]


def test_the_rest_of_the_row_says_which_of_two_cells_is_wrong() -> None:
    dirty = both_ways(tel=["031"] * 10 + ["022"] * 10)
    by_town = Rule(Dependency(("town",), "tel"), given=True)
    draft = DraftTable(dirty)
    vote_with_guards(draft, [*BOTH_WAYS, by_town])
    assert changes(dirty, repairs(draft.findings())) == {("0", "town"): "Bern"}
    assert [each.column for each in draft.findings()] == ["town"]


def test_an_exception_that_another_column_explains_stays() -> None:
    town = ["Bern"] * 20 + ["Berx"] * 4 + ["Genf"] * 20
    zips = ["1"] * 24 + ["2"] * 20
    country = ["CH"] * 20 + ["US"] * 4 + ["CH"] * 20
    assert voted(table(zip=zips, town=town, country=country), Rule(ZIP_TOWN, given=True)) == {}
    assert len(voted(table(zip=zips, town=town), Rule(ZIP_TOWN, given=True))) == 4


def test_a_missing_cell_is_filled_from_a_clear_group() -> None:
    assert voted(towns("", "N/A"), Rule(ZIP_TOWN)) == {("0", "town"): "Bern", ("1", "town"): "Bern"}
    assert voted(towns("", "Genf", "Genf"), Rule(ZIP_TOWN)) == {}
    assert voted(towns(""), Rule(ZIP_TOWN, weak=True)) == {}


def test_cells_that_are_missing_with_a_reason_are_not_filled_by_a_dependency_that_was_found() -> (
    None
):
    dirty = table(
        zip=["1"] * 12,
        town=["Bern"] * 8 + [""] * 4,
        source=["census"] * 8 + ["survey"] * 4,
    )
    assert voted(dirty, Rule(ZIP_TOWN)) == {}
    assert len(voted(dirty, Rule(ZIP_TOWN, given=True))) == 4


def test_a_group_of_two_rows_says_nothing_about_values() -> None:
    dirty = table(zip=["1", "1", "2", "2"], town=["Bern", "Genf", "Genf", "Genf"])
    assert voted(dirty, Rule(ZIP_TOWN, given=True)) == {}


def test_a_determinant_that_fits_the_rest_of_its_row_stays() -> None:
    names = ["Alma"] * 10 + ["Bonn"] * 10
    dirty = table(
        code=["2", *["1"] * 9, *["2"] * 10],
        name=names,
        tel=["7"] * 10 + ["8"] * 10,
        street=["x"] * 10 + ["y"] * 10,
    )
    rules = [
        Rule(Dependency((one,), other), given=True)
        for one, other in (("code", "name"), ("name", "tel"), ("name", "street"))
    ]
    assert voted(dirty, *rules) == {}
    assert voted(dirty, rules[0]) == {("0", "name"): "Bonn"}
