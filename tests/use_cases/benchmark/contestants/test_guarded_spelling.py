"""Misspellings are corrected in columns of few values, and only where no dependency could vote."""

from collections.abc import Mapping, Sequence

from tests.use_cases.benchmark.contestants.tables import changes, table
from use_cases.benchmark.contestants.guarded_spelling import correct_misspellings
from use_cases.benchmark.contestants.guarded_vote import DraftTable, Rule
from use_cases.benchmark.model import CellAddress, Dependency, TextTable


def corrected(dirty: TextTable, rules: Sequence[Rule] = ()) -> Mapping[CellAddress, str]:
    draft = DraftTable(dirty)
    correct_misspellings(draft, rules)
    return changes(dirty, draft.edits())


def test_a_rare_value_of_a_closed_column_becomes_its_frequent_neighbour() -> None:
    dirty = table(kind=["acute care"] * 50 + ["childrens"] * 50 + ["acuxe care", "hospice"])
    assert corrected(dirty) == {("100", "kind"): "acute care"}


def test_several_letters_may_be_wrong_where_nearly_all_cells_are_equal() -> None:
    dirty = table(kind=["acute care hospitals"] * 50 + ["acuxe cxre hxspitals"])
    assert corrected(dirty) == {("50", "kind"): "acute care hospitals"}


def test_a_rare_value_of_a_column_of_names_is_a_name() -> None:
    dirty = table(name=["Smith"] * 20 + ["Smyth"] + [f"person {row}" for row in range(20)])
    assert corrected(dirty) == {}


def test_short_codes_numbers_and_endings_stay() -> None:
    assert corrected(table(code=["ATL"] * 50 + ["AVL"])) == {}
    assert corrected(table(number=["12345"] * 50 + ["12346"])) == {}
    assert corrected(table(kind=["hospital"] * 50 + ["hospitals"])) == {}


def test_a_word_that_most_cells_have_is_corrected_in_the_others() -> None:
    sample = [f"{row} patients" for row in range(100)]
    dirty = table(sample=[*sample, "7 patixnts", "1 patient", "8 persons"])
    assert corrected(dirty) == {("100", "sample"): "7 patients"}


def test_the_verdict_of_a_group_stands() -> None:
    dirty = table(
        zip=["1"] * 50 + ["2"] * 3, town=["Altdorf"] * 50 + ["Altdorg", "Altdorg", "Altdorg"]
    )
    assert corrected(dirty, [Rule(Dependency(("zip",), "town"))]) == {}


def test_values_that_another_column_explains_stay() -> None:
    dirty = table(
        code=["alpha-one"] * 150 + ["alphx-one", "alphy-one", "alphz-one"],
        state=["AL"] * 150 + ["AK"] * 3,
    )
    assert corrected(dirty) == {}
