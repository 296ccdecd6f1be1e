"""The kinds of evidence that `combined` goes by."""

import random
from collections.abc import Mapping, Sequence

import pytest

from tests.use_cases.benchmark.contestants.tables import changes, table
from use_cases.benchmark.contestants.combined import (
    combine_evidence,
    find_repeated_rows,
    put_fields_back,
    unify_formats,
)
from use_cases.benchmark.contestants.guarded_vote import DraftTable
from use_cases.benchmark.edits import apply_edits
from use_cases.benchmark.model import (
    CellAddress,
    Dependency,
    EditKind,
    ErrorKind,
    TableSchema,
    TextTable,
)


def put_back(dirty: TextTable) -> Mapping[CellAddress, str]:
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


VISIT = TableSchema(key=("visit",))


def test_rows_of_one_key_that_are_nearly_equal_are_merged_into_the_fullest() -> None:
    dirty = table(
        visit=["1", "2", "1", "3"],
        name=["Anna", "Bob", "Anna", "Cleo"],
        town=["", "Genf", "Bern", "Bern"],
        year=["2024", "2024", "2024", "2025"],
    )
    (merge,) = find_repeated_rows(dirty, VISIT)
    assert (merge.rows, merge.error) == (("2", "0"), ErrorKind.FUZZY_DUPLICATE)
    assert apply_edits(dirty, [merge]).table.ids == ("1", "2", "3")


def test_a_merge_names_what_its_owner_sees_of_both_rows() -> None:
    dirty = table(
        visit=["1", "2", "1", "1"],
        name=["Anna", "Bob", "Anna", "Anna"],
        town=["Bern", "Genf", "Bern", ""],
        year=["2024", "2024", "2024", "2024"],
    )
    assert [(edit.rows, edit.error, edit.reason) for edit in find_repeated_rows(dirty, VISIT)] == [
        (("0", "2"), ErrorKind.EXACT_DUPLICATE, "The rows are equal."),
        (
            ("0", "3"),
            ErrorKind.FUZZY_DUPLICATE,
            "The rows are one by the key visit; 3 of 4 cells are equal.",
        ),
    ]
    corrected = table(name=["Anna Ruf", "Bob", "Anna Ruf"], tel=["555", "777", "555"])
    dirty = corrected.with_cells({("2", "name"): "Anna Rvf"})
    (edit,) = find_repeated_rows(corrected, TableSchema(), dirty)
    assert edit.error is ErrorKind.FUZZY_DUPLICATE
    assert (
        edit.reason == "The rows are equal when their errors are corrected; 1 of 2 cells are equal."
    )


def test_rows_of_one_key_that_differ_have_a_wrong_key() -> None:
    dirty = table(visit=["1", "1"], name=["Anna", "Bob"], town=["Bern", "Genf"], year=["1", "2"])
    assert find_repeated_rows(dirty, VISIT) == []


def test_a_missing_key_is_no_key() -> None:
    assert find_repeated_rows(table(visit=["", ""], name=["a", "a"]), VISIT) == []


def test_without_a_key_equal_rows_with_values_of_their_own_are_merged() -> None:
    dirty = table(
        name=["Anna Ruf", "Bob Ray", "Anna Ruf"], tel=["555", "777", "555"], sex=["f", "m", "f"]
    )
    (merge,) = find_repeated_rows(dirty, TableSchema())
    assert (merge.rows, merge.error) == (("0", "2"), ErrorKind.EXACT_DUPLICATE)


def test_without_a_key_equal_rows_of_common_values_stay() -> None:
    dirty = table(age=["30", "30", "30", "31"], sex=["f", "f", "f", "m"], job=["x", "x", "x", "y"])
    assert find_repeated_rows(dirty, TableSchema()) == []


def test_without_a_key_rows_that_differ_stay() -> None:
    dirty = table(name=["Anna", "Anna"], tel=["555", "555"], town=["Bern", ""])
    assert find_repeated_rows(dirty, TableSchema()) == []


def test_of_two_spellings_the_usual_one_stays() -> None:
    dirty = table(
        visit=["1", "1", "2", "3"],
        town=["Bren", "Bern", "Bern", "Bern"],
        year=["2024", "2024", "2024", "2025"],
    )
    (merge,) = find_repeated_rows(dirty, VISIT)
    assert merge.rows == ("1", "0")


PLACES = {"3000": ("Bern", "west"), "1200": ("Genf", "far west"), "6300": ("Zug", "middle")}


def visits(rows: int) -> TextTable:
    """A clean table of visits: an id, a town with its zip and region, a date, and a price."""
    chance = random.Random(3)
    zips = [chance.choice(list(PLACES)) for _ in range(rows)]
    return table(
        visit=[f"v{row:04}" for row in range(rows)],
        zip=zips,
        town=[PLACES[each][0] for each in zips],
        region=[PLACES[each][1] for each in zips],
        day=[f"2024-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}" for _ in zips],
        price=[f"{chance.uniform(10, 90):.2f}" for _ in zips],
    )


def test_a_clean_table_is_not_touched() -> None:
    assert combine_evidence(visits(300), TableSchema()) == []


def test_noise_is_not_touched() -> None:
    chance = random.Random(4)
    columns = {
        f"c{number}": [str(round(chance.gauss(50, 20), 1)) for _ in range(300)]
        for number in range(6)
    }
    flags = {f"f{number}": [chance.choice("01") for _ in range(300)] for number in range(6)}
    assert combine_evidence(table(**columns, **flags), TableSchema()) == []


def test_every_kind_of_evidence_is_used() -> None:
    clean = visits(300)
    town, region = clean.by_name["town"], clean.by_name["region"]
    wrong = {
        ("3", "town"): f"{town[3][0]}x{town[3][2:]}",
        ("7", "region"): "",
        ("9", "region"): next(name for _, name in PLACES.values() if name != region[9]),
        ("11", "day"): "/".join(reversed(clean.cell("11", "day").split("-"))),
        ("13", "town"): town[13].upper(),
    }
    wrong["11", "day"] = "28/02/2024"
    clean = clean.with_cells({("11", "day"): "2024-02-28"})
    dirty = clean.with_cells(wrong)
    edits = combine_evidence(dirty, TableSchema())
    assert changes(dirty, edits) == {address: clean.cell(*address) for address in wrong}
    errors = {edit.rows[0]: edit.error for edit in edits}
    assert errors["3"] is ErrorKind.TYPO
    assert errors["7"] is ErrorKind.EXPLICIT_MISSING
    assert errors["9"] is ErrorKind.BROKEN_DEPENDENCY
    assert errors["11"] is ErrorKind.FORMAT_VARIANT


def test_repeated_rows_are_merged_after_their_cells_are_corrected() -> None:
    clean = visits(100)
    repeated = TextTable(
        clean.columns,
        (*clean.ids, "again"),
        tuple((*cells, cells[5]) for cells in clean.values),
    )
    (merge,) = combine_evidence(repeated, TableSchema(key=("visit",)))
    assert (merge.kind, merge.rows) == (EditKind.MERGE, ("5", "again"))
    assert apply_edits(repeated, [merge]).table == clean


def test_stated_dependencies_are_used_beside_those_that_are_found() -> None:
    clean = visits(300)
    schema = TableSchema(dependencies=(Dependency(("zip",), "town"),))
    dirty = clean.with_cells({("4", "town"): "", ("5", "region"): ""})
    assert len(changes(dirty, combine_evidence(dirty, schema))) == 2
