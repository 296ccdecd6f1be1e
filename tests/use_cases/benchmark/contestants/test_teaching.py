"""What labels and confirmed formats teach, and what they leave alone."""

from tests.use_cases.benchmark.contestants.tables import table
from use_cases.benchmark.contestants.teaching import (
    CellLabel,
    offer_formats,
    read_column,
    taught,
)
from use_cases.benchmark.model import ErrorKind, Finding

SIZES = table(
    size=["12.0 oz", "16.0 oz", "12.0 ounce", "24.0 oz. can", "12"],
    bitter=["N/A", "40", "N/A", "35", "60"],
    day=["03/04/2024", "25/12/2024", "31/01/2024", "05/06/2024", "28/02/2024"],
    place=["Bern CH", "Genf CH", "Basel", "Bern", "Chur CH"],
)


def corrected(row: str, column: str, new: str) -> CellLabel:
    return CellLabel(row=row, column=column, label="corrected", new=new)


def repairs(*labels: CellLabel) -> dict[tuple[str, str | None], str | None]:
    return {(each.row, each.column): each.repair for each in taught(SIZES, (), labels)}


def test_a_correction_teaches_how_its_column_is_to_be_read() -> None:
    assert repairs(corrected("0", "size", "12")) == {
        ("0", "size"): "12",
        ("1", "size"): "16",
        ("2", "size"): "12",
    }
    assert repairs(corrected("0", "bitter", "")) == {("0", "bitter"): "", ("2", "bitter"): ""}
    assert repairs(corrected("0", "day", "2024-04-03"))["4", "day"] == "2024-02-28"
    assert set(repairs(corrected("0", "place", "Bern"))) == {(row, "place") for row in "014"}


def test_what_a_label_contradicts_is_not_taught() -> None:
    right = CellLabel(row="1", column="size", label="right")
    assert repairs(corrected("0", "size", "12"), right) == {("0", "size"): "12"}
    assert repairs(corrected("0", "size", "12"), corrected("1", "size", "17")) == {
        ("0", "size"): "12",
        ("1", "size"): "17",
    }


PHONES = table(
    phone=[f"{code}/555-{number}" for code in (310, 404) for number in range(1000, 1012)],
    city=[
        "?",
        "?",
        "?",
        "?",
        *["santa monica"] * 4,
        *["malibu"] * 4,
        *["?"] * 2,
        *["atlanta"] * 10,
    ],
    owner=["?", *map(str, range(23))],
)


def test_a_filled_cell_teaches_to_fill_others_where_a_value_is_likely() -> None:
    taught_to = {
        (each.row, each.column): (each.repair, each.evidence)
        for each in taught(PHONES, (), [corrected("12", "city", "atlanta")])
    }
    said = (
        "You filled cells of city. 11 of 11 rows with the same first word of phone have 'atlanta'."
    )
    assert taught_to == {
        ("12", "city"): ("atlanta", "You corrected it."),
        ("13", "city"): ("atlanta", said),
    }


def test_missing_cells_stay_where_labels_speak_against_filling_them() -> None:
    atlanta = corrected("12", "city", "atlanta")
    is_empty = CellLabel(row="0", column="city", label="right")
    others = [corrected(row, "city", "decatur") for row in ("12", "13")]
    for labels in ([atlanta, is_empty], others):
        found = taught(PHONES, (), labels)
        assert {each.row for each in found} == {each.row for each in labels if each.new}


def test_labels_teach_which_detectors_to_trust() -> None:
    def found(row: str, kind: ErrorKind, repair: str | None = None) -> Finding:
        return Finding(row=row, column="size", value="", kind=kind, evidence="why", repair=repair)

    findings = [found(row, ErrorKind.TYPO) for row in "012"]
    findings += [found("3", ErrorKind.OUTLIER, "24"), found("4", ErrorKind.OUTLIER, "13")]
    labels = [
        CellLabel(row="0", column="size", label="right"),
        CellLabel(row="1", column="size", label="right"),
        corrected("3", "size", "a can"),
    ]
    left = {each.row: each.repair for each in taught(SIZES, findings, labels)}
    assert left == {"3": "a can", "4": None}
    told = taught(SIZES, findings, [CellLabel(row="2", column="bitter", label="wrong")])
    assert told[-1].evidence == "You said so."


def test_formats_of_whole_columns_are_offered() -> None:
    sizes = table(
        size=["12.0 oz"] * 9 + ["16"],
        bitter=["N/A"] * 3 + ["40"] * 7,
        day=["03/04/2024"] * 7 + ["25/12/2024", "31/01/2024", "28/02/2024"],
        plain=["12", "13", "14", "15", "16", "17", "18", "19", "20", "21"],
    )
    offers = {each.column: each for each in offer_formats(sizes)}
    assert {name: each.question for name, each in offers.items()} == {
        "size": "9 cells of size are numbers such as '12.0 oz': write them all like '12'?",
        "bitter": "bitter has 3 cells such as 'N/A': leave each empty?",
        "day": "3 dates of day can only be read day first: read all 10 so?",
    }
    made = list(read_column(sizes, "day", offers["day"].reading, "You confirmed it."))
    assert [each.repair for each in made][:1] == ["2024-04-03"]
    assert len(made) == 10


def test_a_format_of_days_does_not_drop_their_times() -> None:
    days = table(seen=["25/12/2024 10:30", "31/01/2024 08:15"] * 5)
    assert list(offer_formats(days)) == []
    assert list(read_column(days, "seen", "dates with the day first", "You said so.")) == []
