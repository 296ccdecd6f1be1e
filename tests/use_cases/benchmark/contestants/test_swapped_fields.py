"""Two fields change places only where each is strange in its own column and usual in the other's."""

from collections.abc import Mapping

from tests.use_cases.benchmark.contestants.tables import changes, table
from use_cases.benchmark.contestants.draft_table import DraftTable
from use_cases.benchmark.contestants.swapped_fields import put_fields_back
from use_cases.benchmark.model import CellAddress, Table


def put_back(dirty: Table) -> Mapping[CellAddress, str]:
    draft = DraftTable(dirty)
    put_fields_back(draft)
    return changes(dirty, draft.edits())


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
