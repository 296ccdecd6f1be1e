"""One form is used in a column where it clearly dominates; what can be read in two ways stays."""

from collections.abc import Mapping, Sequence

import pytest

from tests.use_cases.benchmark.contestants.tables import changes, table
from use_cases.benchmark.contestants.draft_table import DraftTable
from use_cases.benchmark.contestants.value_formats import unify_formats


def unified(*cells: str, usual: Sequence[str]) -> Mapping[str, str]:
    dirty = table(column=[*cells, *usual])
    draft = DraftTable(dirty)
    unify_formats(draft)
    found = changes(dirty, draft.edits())
    return {dirty.cell(*address): new for address, new in found.items()}


ISO = [f"2024-{month:02}-{day:02}" for month in range(1, 13) for day in (3, 14, 28)]
GERMAN = [f"{day:02}.{month:02}.2024" for month in range(1, 13) for day in (3, 14, 28)]
PRICES = [str(price) for price in range(900, 1900, 10)]


@pytest.mark.parametrize(
    ("cell", "usual", "new"),
    [
        ("14/02/2024", ISO, "2024-02-14"),
        ("14 Feb 24", ISO, "2024-02-14"),
        ("20240214", ISO, "2024-02-14"),
        ("2024-02-14", GERMAN, "14.02.2024"),
        ("1,250", PRICES, "1250"),
        ("$1250", PRICES, "1250"),
        ("1250 USD", PRICES, "1250"),
        ("new york", ["New York"] * 20, "New York"),
        ("NEW-YORK", ["New York"] * 20, "New York"),
    ],
)
def test_the_usual_form_is_used(cell: str, usual: Sequence[str], new: str) -> None:
    assert unified(cell, usual=usual) == {cell: new}


@pytest.mark.parametrize(
    ("cell", "usual"),
    [
        ("03/02/2024", ISO),  # February or March
        ("14/02/1924", ISO),  # far from all others
        ("soon", ISO),
        ("1,25", PRICES),  # a decimal comma, or a slip
        ("90%", PRICES),  # out of range
        ("1250a", PRICES),  # the number of a house
        ("1250 Suppl", PRICES),  # the volume of a journal
        ("new york", ["New York"] * 4),  # too few
        ("Flat 1 2", ["Flat 12"] * 20),  # other digits
        ("", ["New York"] * 20),
    ],
)
def test_what_is_unclear_stays(cell: str, usual: Sequence[str]) -> None:
    assert unified(cell, usual=usual) == {}


def test_two_usual_forms_are_none() -> None:
    assert unified(usual=[*ISO, *GERMAN]) == {}
    assert unified(*["new york"] * 5, usual=["New York"] * 20) == {}
