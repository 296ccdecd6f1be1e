"""Workbooks become one table for each sheet; damaged ones a known error."""

import io
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from services.documents import table_grid
from services.documents.table_files import XLSX, parse_table_file
from tests.thoroughness import examples
from use_cases.kernel.errors import CandorError
from use_cases.kernel.model import ColumnType, Scalar
from use_cases.knowledge.errors import SourceBroken, SourceEmpty, SourceTooLarge
from use_cases.knowledge.model import BlockKind

CellValue = str | int | float | bool | date | datetime | time | timedelta | None


def packed(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def saved(*sheets: tuple[str, Callable[[Worksheet], None]]) -> bytes:
    workbook = Workbook()
    assert workbook.active is not None
    workbook.remove(workbook.active)
    for title, fill in sheets:
        fill(workbook.create_sheet(title))
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def rows(*values: Sequence[CellValue]) -> Callable[[Worksheet], None]:
    def fill(sheet: Worksheet) -> None:
        for row in values:
            sheet.append(tuple(row))

    return fill


def column(
    *values: CellValue, number_format: str | None = None
) -> tuple[ColumnType, list[Scalar], list[str]]:
    """Type and values of a column with these cells, and the rows as they are written out."""

    def fill(sheet: Worksheet) -> None:
        sheet.append(["key", "x"])
        for number, value in enumerate(values, start=2):
            sheet.append(["k", value])
            if number_format:
                sheet.cell(number, 2).number_format = number_format

    document = parse_table_file("a.xlsx", saved(("S", fill)))
    written = [span.cut(document.text) for span in document.tables[0].row_spans]
    table = document.tables[0]
    return table.columns[1].type, [row[1] for row in table.rows], written


def test_a_sheet_becomes_a_typed_table() -> None:
    content = saved(
        ("Sheet1", rows(("Code", "Name", "Since"), ("A-1", "Ann", date(2026, 1, 15)), ("B-2",)))
    )

    document = parse_table_file("people.xlsx", content)

    assert document.media_type == XLSX
    assert document.stated.title == "People"
    (table,) = document.tables
    assert table.name == "people"
    assert [c.type for c in table.columns] == [ColumnType.TEXT, ColumnType.TEXT, ColumnType.DATE]
    assert table.rows == [("A-1", "Ann", "2026-01-15"), ("B-2", None, None)]
    assert [s.cut(document.text) for s in table.row_spans] == [
        "Code: A-1; Name: Ann; Since: 2026-01-15",
        "Code: B-2",
    ]


def test_each_sheet_that_holds_something_is_a_table() -> None:
    content = saved(
        ("North", rows(("a", "b"), (1, 2))),
        ("empty", rows()),
        ("South & East", rows(("a", "b"), (3, 4))),
    )

    document = parse_table_file("sales 2026.xlsx", content)

    assert [t.name for t in document.tables] == ["sales_2026_north", "sales_2026_south_and_east"]
    assert [t.title for t in document.tables] == ["Sales 2026: North", "Sales 2026: South & East"]
    headings = [(b.level, b.heading) for b in document.blocks if b.kind is BlockKind.HEADING]
    assert headings == [(1, "Sales 2026"), (2, "North"), (2, "South & East")]


def test_sheets_of_the_same_safe_name_are_told_apart() -> None:
    content = saved(("a b", rows(("x", "y"), (1, 2))), ("a-b", rows(("x", "y"), (3, 4))))

    assert [t.name for t in parse_table_file("f.xlsx", content).tables] == ["f_a_b", "f_a_b_2"]


def test_a_hidden_sheet_stays_hidden() -> None:
    def hide(sheet: Worksheet) -> None:
        sheet.append(["secret", "salary"])
        sheet.sheet_state = "hidden"

    content = saved(("shown", rows(("x", "y"), (1, 2))), ("lookup", hide))

    assert [t.name for t in parse_table_file("f.xlsx", content).tables] == ["f"]


def test_merged_titles_above_the_header_are_title_and_notes() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["B2"] = "Stock 2026"
        sheet.merge_cells("B2:D2")
        sheet["B3"] = "as counted"
        for offset, name in enumerate(("item", "place", "pieces")):
            sheet.cell(5, 2 + offset, name)
            sheet.cell(6, 2 + offset, offset + 1)

    document = parse_table_file("f.xlsx", saved(("S", fill)))

    assert document.stated.title == "Stock 2026"
    assert document.tables[0].description == "as counted"
    assert [c.name for c in document.tables[0].columns] == ["item", "place", "pieces"]
    assert document.tables[0].rows == [(1, 2, 3)]


def test_totals_and_notes_of_a_sheet_are_no_rows() -> None:
    fill = rows(
        ("Sales of May",),
        ("Printed:", date(2026, 6, 1)),
        (),
        ("region", "sales", "share"),
        ("North", 10, 0.5),
        ("South", 10, 0.5),
        ("Total", 20, 1),
        (),
        ("as counted",),
    )

    document = parse_table_file("f.xlsx", saved(("S", fill)))

    (table,) = document.tables
    assert document.stated.title == "Sales of May"
    assert table.rows == [("North", 10, 0.5), ("South", 10, 0.5)]
    assert table.description == (
        "Printed: 2026-06-01. 1 line of the file is no row: it has totals for cells. "
        "1 line of the file is no row: it has a place below this table."
    )
    assert document.text.endswith("region: Total; sales: 20; share: 1\n\nas counted")


@pytest.mark.parametrize(
    ("values", "number_format", "expected", "written"),
    [
        ((1, 2.0), None, (ColumnType.INTEGER, [1, 2]), "x: 1"),
        ((1, 2.5), None, (ColumnType.REAL, [1.0, 2.5]), "x: 1"),
        ((True, False), None, (ColumnType.BOOLEAN, [1, 0]), "x: true"),
        ((0.85, 0.07), "0%", (ColumnType.REAL, [85.0, 7.0]), "x: 85%"),
        ((42, 7), "00000", (ColumnType.TEXT, ["00042", "00007"]), "x: 00042"),
        (("007", "8"), None, (ColumnType.TEXT, ["007", "8"]), "x: 007"),
        (
            (datetime(2026, 1, 15, 8, 30), datetime(2026, 1, 16)),  # noqa: DTZ001 - as files have it
            None,
            (ColumnType.TEXT, ["2026-01-15 08:30:00", "2026-01-16"]),
            "x: 2026-01-15 08:30:00",
        ),
        ((time(8, 30), time(9)), None, (ColumnType.TEXT, ["08:30:00", "09:00:00"]), "x: 08:30:00"),
        ((timedelta(hours=26),), None, (ColumnType.TEXT, ["1 day, 2:00:00"]), "x: 1 day, 2:00:00"),
        ((5, "about 6"), None, (ColumnType.TEXT, ["5", "about 6"]), "x: 5"),
        ((5, "n/a"), None, (ColumnType.INTEGER, [5, None]), "x: 5"),
        ((5, "#DIV/0!"), None, (ColumnType.INTEGER, [5, None]), "x: 5"),
        ((10**17, 1), None, (ColumnType.INTEGER, [10**17, 1]), "x: 100000000000000000"),
        ((1e30, 1), None, (ColumnType.REAL, [1e30, 1.0]), "x: 1e+30"),
    ],
)
def test_native_values_keep_their_kind(
    values: Sequence[CellValue],
    number_format: str | None,
    expected: tuple[ColumnType, list[Scalar]],
    written: str,
) -> None:
    kind, found, texts = column(*values, number_format=number_format)

    assert (kind, found) == expected
    assert texts[0] == f"key: k; {written}"


def test_a_formula_gives_the_value_that_was_saved_with_it() -> None:
    sheet = '<c r="B2"><f>SUM(1,2)</f><v>3</v></c>'  # as a spreadsheet program saves it
    content = rewritten(
        saved(("S", rows(("key", "x"), ("k", 99)))),
        "xl/worksheets/sheet1.xml",
        lambda text: text.replace('<c r="B2" t="n"><v>99</v></c>', sheet),
    )

    assert parse_table_file("f.xlsx", content).tables[0].rows == [("k", 3)]


def test_a_workbook_without_cells_is_empty() -> None:
    with pytest.raises(SourceEmpty):
        parse_table_file("f.xlsx", saved(("S", rows())))


def test_a_workbook_that_would_unpack_to_too_much_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(table_grid, "MAX_UNPACKED_BYTES", 200_000)
    with pytest.raises(SourceTooLarge):
        parse_table_file("bomb.xlsx", packed({f"xl/{n}.xml": b"0" * 10_000 for n in range(21)}))


def test_a_row_number_beyond_any_sheet_does_not_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_grid, "_MAX_SCANNED_ROWS", 1000)
    content = rewritten(
        saved(("S", rows(("key", "x"), ("k", 1)))),
        "xl/worksheets/sheet1.xml",
        lambda text: text.replace('<row r="2"', '<row r="999999999999"').replace('r="A2"', ""),
    )

    with pytest.raises(CandorError):
        parse_table_file("f.xlsx", content)


def test_cells_far_apart_do_not_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_grid, "_MAX_SCANNED_CELLS", 50_000)

    def fill(sheet: Worksheet) -> None:
        for number in range(1, 6):
            sheet.cell(number, 16_000, "x")

    with pytest.raises(SourceTooLarge):
        parse_table_file("f.xlsx", saved(("S", fill)))


@pytest.mark.parametrize(
    "content",
    [
        b"PK",
        b"PK\x03\x04" + b"\0" * 100,
        saved(("S", rows(("a", "b"), (1, 2))))[:-200],
        saved(("S", rows(("a", "b"), (1, 2))))[:1000],
        packed({"readme.txt": b"hello"}),
    ],
)
def test_a_damaged_workbook_is_reported(content: bytes) -> None:
    with pytest.raises(SourceBroken):
        parse_table_file("f.xlsx", content)


def test_entities_that_multiply_are_reported() -> None:
    entities = "".join(
        f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x" * 100}">' for n in range(8)
    )
    content = rewritten(
        saved(("S", rows(("key", "x"), ("k", "text")))),
        "xl/worksheets/sheet1.xml",
        lambda text: (
            f"<!DOCTYPE worksheet [{entities}]>" + text.replace("<t>text</t>", "<t>&e7;</t>")
        ),
    )

    with pytest.raises(CandorError):
        parse_table_file("f.xlsx", content)


SMALL = saved(("S", rows(("key", "x", "y"), ("k", 1, date(2026, 1, 1)), ("l", 0.5, True))))
PARTS = {
    name: zipfile.ZipFile(io.BytesIO(SMALL)).read(name)
    for name in zipfile.ZipFile(io.BytesIO(SMALL)).namelist()
}


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_workbook_with_any_damage_is_a_table_or_a_known_error(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(PARTS)))
    part = PARTS[name]
    start = data.draw(st.integers(0, len(part)))
    end = data.draw(st.integers(start, min(len(part), start + 40)))
    put = data.draw(st.sampled_from([b"", b"<", b'"', b"x", b"-1", b"99999999999", b"</c>"]))
    content = packed({**PARTS, name: part[:start] + put + part[end:]})
    with suppress(CandorError):
        parse_table_file("f.xlsx", content)


@settings(max_examples=examples(100))
@given(st.integers(0, len(SMALL) - 1), st.integers(0, 255))
def test_a_workbook_with_a_changed_byte_is_a_table_or_a_known_error(at: int, value: int) -> None:
    with suppress(CandorError):
        parse_table_file("f.xlsx", SMALL[:at] + bytes([value]) + SMALL[at + 1 :])


def rewritten(content: bytes, name: str, change: Callable[[str], str]) -> bytes:
    archive = zipfile.ZipFile(io.BytesIO(content))
    parts = {entry: archive.read(entry) for entry in archive.namelist()}
    before = parts[name].decode()
    parts[name] = change(before).encode()
    assert parts[name] != before.encode()
    return packed(parts)
