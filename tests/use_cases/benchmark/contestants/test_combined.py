"""Everything that is found in a table, and what of it is repaired."""

import csv
import random

from tests.use_cases.benchmark.contestants.tables import changes, table
from use_cases.benchmark.contestants.combined import combine_evidence
from use_cases.benchmark.contestants.draft_table import repairs
from use_cases.benchmark.edits import apply_edits
from use_cases.benchmark.model import Dependency, EditKind, ErrorKind, TableSchema, TextTable

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


def test_a_misspelling_beside_another_error_is_found() -> None:
    """Its zip says one region, its town another: no vote speaks, and the word does."""
    clean = visits(300)
    row = next(row for row in clean.ids if clean.cell(row, "region") == "far west")
    dirty = clean.with_cells({(row, "region"): "far wets", (row, "town"): "Bern"})
    found = {each.column: each for each in combine_evidence(dirty, TableSchema())}
    assert (found["region"].kind, found["region"].repair) == (ErrorKind.TYPO, "far west")


def test_every_kind_of_evidence_is_used() -> None:
    clean = visits(300)
    town, region = clean.by_name["town"], clean.by_name["region"]
    wrong = {
        ("3", "town"): f"{town[3][0]}x{town[3][2:]}",
        ("7", "region"): "",
        ("9", "region"): next(name for _, name in PLACES.values() if name != region[9]),
        ("11", "day"): "/".join(reversed(clean.cell("11", "day").split("-"))),
    }
    wrong["11", "day"] = "28/02/2024"
    clean = clean.with_cells({("11", "day"): "2024-02-28"})
    dirty = clean.with_cells(wrong)
    edits = repairs(combine_evidence(dirty, TableSchema()))
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
    (merge,) = repairs(combine_evidence(repeated, TableSchema(key=("visit",))))
    assert (merge.kind, merge.rows) == (EditKind.MERGE, ("5", "again"))
    assert apply_edits(repeated, [merge]).table == clean


def test_stated_dependencies_are_used_beside_those_that_are_found() -> None:
    clean = visits(300)
    schema = TableSchema(dependencies=(Dependency(("zip",), "town"),))
    dirty = clean.with_cells({("4", "town"): "", ("5", "region"): ""})
    assert len(changes(dirty, repairs(combine_evidence(dirty, schema)))) == 2


def test_what_may_be_wrong_on_another_side_is_found_and_not_repaired() -> None:
    clean = visits(300)
    dirty = clean.with_cells({("20", "day"): "2031-01-01", ("21", "price"): "44444.00"})
    found = combine_evidence(dirty, TableSchema())
    assert [(each.row, each.column, each.kind, each.repair) for each in found] == [
        ("20", "day", ErrorKind.OUTLIER, None),
        ("21", "price", ErrorKind.OUTLIER, None),
    ]


ORDERS = """\
O-1001,Anna Berg,anna.berg@example.com,2024-01-03,2024-01-05,Berlin,shipped,19.90
O-1002,Ben Cole,ben.cole@example.com,2024-01-04,2024-01-06,Hamburg,shipped,24.50
O-1003,Cara Diaz,cara.diaz@example,2024-01-04,2024-01-07,Berlin,shipped,31.00
O-1004,Dan Egger,dan.egger@example.com,05/01/2024,2024-01-08,Munich,shiped,22.10
O-1005,Eva Falk,eva.falk@example.com,2024-01-06,2024-01-09,Berlin,shipped,18.75
O-1006,Finn Graf,finn.graf@example.com,2024-01-07,2024-01-09,Hamburg,pending,27.30
O-1006,Gina Hahn,gina.hahn@example.com,2024-01-08,2024-01-10,Berlin,shipped,2990.00
O-1008,Hugo Iser,hugo.iser@example.com,2024-01-08,2024-01-11,,shipped,25.00
O-1009,Ida Jung,ida.jung@example.com,2024-01-09,2024-01-04,Berlin,shipped,"21,40"
O-101,Jan Kern,jan.kern@example.com,2024-01-10,2024-01-13,Munich,shipped,29.95
O-1011,Kim Lang,kim.lang@example.com,2024-01-11,2024-01-13,Berlin,shipped,23.60
O-1012,Lea Moser,lea.moser@example.com,2024-01-12,2024-01-14,Berlni,shipped,26.80
O-1013,Max Nagel,n/a,2024-01-13,2024-01-15,Hamburg,shipped,20.20
O-1014,Nina Otto,nina.otto@example.com,2024-01-14,2024-01-16,Berlin,shipped,28.40
O-1015,Olaf Pohl,olaf.pohl@example.com,2024-01-15,2024-01-17,Munich,shipped,24.10
O-1016,Pia Quast,pia.quast@example.com,2024-01-16,2024-01-18,Berlin,shipped,22.90
"""


def test_a_short_table_has_habits_too() -> None:
    """Sixteen rows with eleven faults: all are found, nothing else is, and one has a single reading."""
    names = ("order", "customer", "email", "ordered", "shipped", "city", "status", "amount")
    rows = list(csv.reader(ORDERS.splitlines()))
    dirty = table(**dict(zip(names, zip(*rows, strict=True), strict=True)))
    found = combine_evidence(dirty, TableSchema())
    assert {(each.row, each.column) for each in found} == {
        ("2", "email"),
        ("3", "ordered"),
        ("3", "status"),
        ("5", "order"),
        ("6", "order"),
        ("6", "amount"),
        ("7", "city"),
        ("8", "shipped"),
        ("8", "amount"),
        ("9", "order"),
        ("11", "city"),
        ("12", "email"),
    }
    assert [each.repair for each in found if each.repair is not None] == ["21.40"]
