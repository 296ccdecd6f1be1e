"""What looks wrong in one column, and what only looks unusual."""

from collections.abc import Mapping, Sequence

import pytest

from tests.use_cases.benchmark.contestants.tables import table
from use_cases.benchmark.contestants.detectors import DETECTORS, examine_columns, misspellings
from use_cases.benchmark.contestants.draft_table import DraftTable
from use_cases.benchmark.model import ErrorKind

ISO = [f"2024-{month:02}-{day:02}" for month in range(1, 13) for day in (3, 14, 28)]
GERMAN = [f"{day:02}.{month:02}.2024" for month in range(1, 13) for day in (3, 14, 28)]
PRICES = [str(price) for price in range(900, 1900, 10)]
CENTS = [f"{euros}.50" for euros in range(10, 90)]
COMMAS = [f"{euros},50" for euros in range(10, 90)]
PHONES = [f"+41 44 {number} 00 11" for number in range(100, 150)]
EMAILS = [f"p.{number}@example.com" for number in range(50)]
CODES = [f"AB-{number}" for number in range(1000, 1050)]
STATES = ["active"] * 60 + ["paused"] * 40
TOWNS = ["Bern"] * 50 + ["New York"] * 50
NOTES = [f"call {number}! about #{number % 7} (again)" for number in range(60)]


def found(*cells: str, usual: Sequence[str]) -> Mapping[str, str | None]:
    """The values that are found, each with its repair."""
    draft = DraftTable(table(column=[*cells, *usual]))
    examine_columns(draft, DETECTORS)
    findings = draft.findings()
    assert all(each.evidence for each in findings)
    return {each.value: each.repair for each in findings}


@pytest.mark.parametrize(
    ("cell", "usual", "repair"),
    [
        ("14/02/2024", ISO, "2024-02-14"),
        ("14 Feb 24", ISO, "2024-02-14"),
        ("20240214", ISO, "2024-02-14"),
        ("Feb 14, 2024", ISO, "2024-02-14"),
        ("2024-02-14", GERMAN, "14.02.2024"),
        ("1,250", PRICES, "1250"),
        ("$1250", PRICES, "1250"),
        ("1250 USD", PRICES, "1250"),
        ("1250\u00a0", PRICES, "1250"),
        ("CHF 45.10", CENTS, "45.10"),
        ("45,10", CENTS, "45.10"),
        ("Bern ", TOWNS, "Bern"),
        ("New  York", TOWNS, "New York"),
        ("actvie", STATES, "active"),
        ("New Yrok", TOWNS, "New York"),
    ],
)
def test_a_value_that_the_column_puts_right_is_repaired(
    cell: str, usual: Sequence[str], repair: str
) -> None:
    assert found(cell, usual=usual) == {cell: repair}


@pytest.mark.parametrize(
    ("cell", "usual"),
    [
        ("03/02/2024", ISO),  # February or March
        ("14/02/1924", ISO),  # far from all others
        ("2024-02-30", ISO),
        ("soon", ISO),
        ("1.250,00", COMMAS),
        ("45.10", COMMAS),
        ("90%", PRICES),  # out of range
        ("1250a", PRICES),
        ("1250 Suppl", PRICES),
        ("125000", PRICES),
        ("1250a", [cell for price in 40 * PRICES for cell in (price, "")]),  # every second row
        ("125000", [cell for price in 40 * PRICES for cell in (price, "")]),
        ("-1250", PRICES),
        ("044/123 00 11", PHONES),
        ("+41 44 123 00 1", PHONES),
        ("p.51@example", EMAILS),
        ("p.51 at example.com", EMAILS),
        ("AB-104", CODES),
        ("INV-7", [f"INV-{number}" for number in range(100, 1_900)]),
        ("AB10-40", CODES),
        ("New Y0rk", TOWNS),
        ("n/a", STATES),
        ("unknown", STATES),
        ("", STATES),
        ("new york", TOWNS),  # a case is never changed because another one is frequent
        ("NEW-YORK", TOWNS),
    ],
)
def test_a_value_that_is_only_wrong_is_found_and_stays(cell: str, usual: Sequence[str]) -> None:
    assert found(cell, usual=usual) == {cell: None}


@pytest.mark.parametrize(
    "usual",
    [
        ISO,
        [*ISO, *GERMAN],
        PRICES,
        CENTS,
        [*PHONES, *([""] * 10)],
        EMAILS,
        CODES,
        STATES,
        [*TOWNS, "Genf", "O'Neil", "Jean-Luc"],
        NOTES,
        [f"INV-{number}" for number in range(1, 2_001)],
        [f"{code:05}" for code in range(700, 99_999, 700)],
        ["ENG"] * 20 + ["eng"] * 3,
        ["DE"] * 60 + ["BE", "AT"],
        ["hospital"] * 8 + ["house"] * 8,
        ["Smith"] * 20 + ["Smyth"] + [f"person {'x' * row}" for row in range(1, 40)],
        [str(2**power) for power in range(20)] * 3,
    ],
)
def test_what_a_column_usually_has_is_not_found(usual: Sequence[str]) -> None:
    assert found(usual=usual) == {}


def test_a_domain_of_addresses_is_misspelt() -> None:
    assert found("p.51@exmaple.com", usual=EMAILS) == {"p.51@exmaple.com": None}


def test_several_letters_may_be_wrong_where_nearly_all_cells_are_equal() -> None:
    usual = ["acute care hospitals"] * 50
    assert found("acuxe cxre hxspitals", usual=usual) == {
        "acuxe cxre hxspitals": "acute care hospitals"
    }


def test_a_word_that_most_cells_have_is_corrected_in_the_others() -> None:
    usual = [f"{row} patients" for row in range(100, 200)]
    draft = DraftTable(table(sample=[*usual, "107 patixnts"]))
    examine_columns(draft, [misspellings])
    assert [(each.value, each.repair) for each in draft.findings()] == [
        ("107 patixnts", "107 patients")
    ]


def test_endings_are_found_and_not_repaired() -> None:
    assert found("hospitals", usual=["hospital"] * 50) == {"hospitals": None}


def test_misspellings_that_another_column_explains_are_names() -> None:
    draft = DraftTable(
        table(
            code=["alpha-one"] * 150 + ["alphx-one", "alphy-one", "alphz-one"],
            state=["AL"] * 150 + ["AK"] * 3,
        )
    )
    examine_columns(draft, DETECTORS)
    assert draft.findings() == []


def test_a_place_that_is_judged_otherwise_is_left_out() -> None:
    draft = DraftTable(table(town=["Altdorf"] * 50 + ["Altdorg"]))
    examine_columns(draft, DETECTORS, judged=lambda _: {50})
    assert draft.findings() == []


def test_the_first_detector_names_what_is_wrong() -> None:
    draft = DraftTable(table(spent=[*CENTS, "99999.50"]))
    examine_columns(draft, DETECTORS)
    (finding,) = draft.findings()
    assert finding.kind is ErrorKind.OUTLIER
    assert finding.evidence == "Nine in ten of spent are between 14.50 and 86.50."
