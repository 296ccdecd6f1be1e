"""Tables as texts: nothing is parsed, nothing is lost, and what is broken is named."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from services.documents import string_tables, table_layout
from services.documents.string_tables import StringTableFiles, parse_loosely, parse_table
from services.documents.table_grid import split_records
from use_cases.benchmark.csv_form import csv_text
from use_cases.benchmark.model import TextTable
from use_cases.kernel.errors import CandorError

pytestmark = pytest.mark.anyio

TEXTS = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
        st.sampled_from("\r\n\"',;\t| \ufeff\u2028\x85\x0b01=é"),
    ),
    max_size=8,
)


@st.composite
def tables(draw: st.DrawFn) -> TextTable:
    names = draw(st.lists(TEXTS, min_size=1, max_size=4, unique=True))
    height = draw(st.integers(1, 4))
    cells = st.tuples(*[TEXTS] * height)
    ids = tuple(str(number) for number in range(1, height + 1))
    return TextTable(tuple(names), ids, tuple(draw(cells) for _ in names))


@given(tables())
def test_what_is_written_is_read_as_it_was(table: TextTable) -> None:
    assert parse_table(csv_text(table).encode(), "a.csv") == table


def test_python_reads_what_is_written() -> None:
    table = TextTable(("a", "b"), ("1", "2"), (("x\ny", 'q"q'), ("007", " \r\n ")))
    rows = list(csv.reader(io.StringIO(csv_text(table), newline="")))
    assert rows == [["a", "b"], ["x\ny", "007"], ['q"q', " \r\n "]]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"a,b\n 01,x\n", "a.csv"),
        (b"\xef\xbb\xbfa,b\r\n 01,x\r\n", "a.csv"),
        (b"a,b\r 01,x\r", "a.csv"),
        (b"a,b\r\n\n 01,x\n\n", "a.csv"),
        (b"a;b\n 01;x\n", "a.csv"),
        (b"a|b\n 01|x\n", "a.csv"),
        (b"a\tb\n 01\tx\n", "a.TSV"),
        ("a,b\n 01,x\n".encode("utf-16"), "a.csv"),
        ("a,b\n 01,x\n".encode("utf-16-be"), "a.csv"),
    ],
)
def test_files_of_many_forms(content: bytes, name: str) -> None:
    assert parse_table(content, name) == TextTable(("a", "b"), ("1",), ((" 01",), ("x",)))


def test_a_decimal_comma_does_not_split_cells() -> None:
    table = parse_table(b"a;b\n1,5;2\n2,5;3\n", "a.csv")
    assert table.values == (("1,5", "2,5"), ("2", "3"))


def test_windows_1252_is_read() -> None:
    assert parse_table("city,x\nKöln,1\n".encode("cp1252"), "a.csv").values[0] == ("Köln",)


def test_an_id_column_is_no_column() -> None:
    table = parse_table(b"a,id\nx,007\ny,7\n", "a.csv", "id")
    assert table == TextTable(("a",), ("007", "7"), (("x", "y"),))
    assert csv_text(table, id_column="id") == "id,a\n007,x\n7,y\n"


def test_a_workbook_has_the_texts_of_its_cells() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in [
        ["name", "zip", "price", "on"],
        [" Ann\n", "01907", 2.5, date(2026, 3, 1)],
        ["#N/A", "", 3],
    ]:
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    table = parse_table(content.getvalue(), "a.xlsx")
    assert table.values == ((" Ann\n", "#N/A"), ("01907", ""), ("2.5", "3"), ("2026-03-01", ""))


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"", "table_empty", "is empty"),
        (b"\n\n", "table_empty", "is empty"),
        (b"a,b\n", "table_empty", "no row below"),
        (b"a,b\n1,2\n3\n", "table_uneven", "Row 2 has 1 cells; the header has 2"),
        (b"a,b\n1,2,3\n", "table_uneven", "Row 1 has 3 cells"),
        (b"a,b,a\n1,2,3\n", "table_header_invalid", "Two columns are named 'a'"),
        (b'a,b\n1,"2\n', "table_unreadable", "unexpected end of data"),
        (b"\x89PNG\r\n\0\0\0\1\2\3", "table_unreadable", "zero bytes"),
        (b"\xff\xfea\0,\0b\0\n\0\x00\xd8", "table_unreadable", "not whole"),
        (f"a,b\n\0,{'c' * 100}\n".encode("utf-16"), "table_text_invalid", "U\\+0000"),
        (b"a,b\n" + b"1,2\n" * 3, "table_too_large", "more than 2 rows"),
        (",".join(map(str, range(10_001))).encode(), "table_too_large", "10,000 columns"),
        (b'a,b\n1,"' + b"x" * 1_100_000 + b'"\n', "table_unreadable", "field limit"),
    ],
)
def test_a_file_that_is_no_table_is_named(
    content: bytes, code: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(string_tables, "MAX_ROWS", 2)
    with pytest.raises(CandorError, match=said) as caught:
        parse_table(content, "a.csv")
    assert (caught.value.code, bool(caught.value.hint)) == (code, True)


@pytest.mark.parametrize(
    ("id_column", "code", "said"),
    [
        ("c", "table_header_invalid", "no column 'c'"),
        ("a", "table_ids_repeated", "'1' occurs twice"),
    ],
)
def test_an_id_column_that_cannot_serve_is_named(id_column: str, code: str, said: str) -> None:
    with pytest.raises(CandorError, match=said) as caught:
        parse_table(b"a,b\n1,2\n1,3\n", "a.csv", id_column)
    assert caught.value.code == code


def test_a_broken_workbook_is_named() -> None:
    with pytest.raises(CandorError, match="workbook cannot be read") as caught:
        parse_table(b"PK", "a.xlsx")
    assert caught.value.code == "table_unreadable"


def test_ten_thousand_columns() -> None:
    line = ",".join(map(str, range(10_000)))
    assert len(parse_table(f"{line}\n{line}\n".encode(), "a.csv").columns) == 10_000


async def test_files_are_written_read_and_listed(tmp_path: Path) -> None:
    files = StringTableFiles()
    path = tmp_path / "beers" / "clean.csv"
    path.parent.mkdir()
    await files.write(str(path), lambda: ["a,b\r\n1,ü\r\n"])
    assert path.read_bytes() == "a,b\r\n1,ü\r\n".encode()
    assert (await files.read(str(path))).values == (("1",), ("ü",))
    await files.write(str(tmp_path / "schema.yaml"), lambda: ["key: [a]"])
    await files.write(str(tmp_path / "fd_rules.txt"), lambda: ["a ⇒ b"])
    assert (await files.read_schema(str(tmp_path / "schema.yaml"))).key == ("a",)
    assert (await files.read_schema(str(tmp_path / "fd_rules.txt"))).dependencies
    assert await files.list(str(tmp_path)) == ["beers/clean.csv", "fd_rules.txt", "schema.yaml"]


async def test_places_that_do_not_serve_are_named(tmp_path: Path) -> None:
    files = StringTableFiles()
    with pytest.raises(CandorError, match="no file"):
        await files.read(str(tmp_path / "none.csv"))
    with pytest.raises(CandorError, match="cannot be opened"):
        await files.read(str(tmp_path))
    with pytest.raises(CandorError, match="no folder"):
        await files.list(str(tmp_path / "none"))
    with pytest.raises(CandorError, match="cannot be written"):
        await files.write(str(tmp_path / "none" / "a.csv"), lambda: [""])


async def test_a_file_over_the_limit_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(string_tables, "MAX_BYTES", 3)
    path = tmp_path / "a.csv"
    path.write_bytes(b"a\n1\n")
    with pytest.raises(CandorError, match="more than"):
        await StringTableFiles().read(str(path))


@given(tables())
def test_a_plain_table_is_read_loosely_as_it_is(table: TextTable) -> None:
    found, layout = parse_loosely(csv_text(table).encode(), "t.csv")
    if layout.header and not (layout.aside or layout.notes):
        assert (found, layout.widths) == (table, {})
    assert parse_table(csv_text(found, layout=layout).encode(), "t.csv") == table


UNEVEN = b'a,b,a\n1,2,3\n4\n5,6,7,8\na,b,a\n9,10,11,,\n"x,y",,\n12,13\n'


_LINES = st.sampled_from(
    ["a;b;c", "1;x;2", "3;y;", "Total;;5", "Sum;;4", ";;", "", "7;8", "Notes;;", "n;m"]
)


@given(lines=st.lists(_LINES, min_size=1, max_size=30), at_once=st.integers(4, 12))
def test_many_rows_are_looked_at_as_one_after_the_other(lines: list[str], at_once: int) -> None:
    content = "\n".join(["a;b;c", "0;x;1", "0;y;1", *lines]).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_layout, "_CELLS_AT_ONCE", 1)
        one_by_one = parse_loosely(content, "a.csv")
        patch.setattr(table_layout, "_CELLS_AT_ONCE", 3 * at_once)
        assert parse_loosely(content, "a.csv") == one_by_one


@given(st.text("a,\r\n", max_size=12))
def test_lines_end_as_python_reads_them(text: str) -> None:
    lines = io.StringIO(text, newline="")
    assert list(split_records(text, ",")) == list(csv.reader(lines))


def test_uneven_rows_and_doubled_names_are_read_named_and_written_back() -> None:
    table, layout = parse_loosely(UNEVEN, "t.csv")
    assert (table.columns, table.ids) == (("a", "b", "a (2)"), ("1", "2", "5", "6", "7"))
    assert table.values[2] == ("3", "", "11", "", "")
    assert layout.notes == [
        "A column is named 'a': here it is 'a (2)'.",
        "Of 2 rows (2, 7) each has fewer cells than the others (3): those at its end are read as empty.",
        "Row 3 has more cells than the header (3), and is kept as it is, without any edit.",
        "Row 4 has the columns' names for cells, and is kept as it is, without any edit.",
    ]
    assert csv_text(table, layout=layout).encode() == UNEVEN
    edited = table.with_cells({("2", "a (2)"): "z", ("1", "a"): ""}).without_rows(frozenset({"5"}))
    assert csv_text(edited, layout=layout) == (
        'a,b,a\n,2,3\n4,,z\n5,6,7,8\na,b,a\n"x,y",,\n12,13\n'
    )


MESSY = """\
Report of May\r
"customer";"spent";"since"\r
"Ann";12,50;2024-01-03\r
"Bob";;2024-02-04\r
"Zoë";7,10;2024-03-05\r
"Total";19,60;\r
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-be"])
def test_what_is_written_back_is_the_file(encoding: str) -> None:
    content = MESSY.encode(encoding)
    table, layout = parse_loosely(content, "t.csv")
    assert (table.columns, table.ids) == (("customer", "spent", "since"), ("1", "2", "3"))
    assert table.by_name["customer"] == ("Ann", "Bob", "Zoë")
    assert layout.odd == {
        4: "The row has totals for cells, and is kept as it is, without any edit."
    }
    assert csv_text(table, layout=layout).encode(layout.encoding) == content
    edited = table.with_cells({("2", "customer"): "Bo"})
    assert '"Bo";;2024-02-04\r\n' in csv_text(edited, layout=layout)


@pytest.mark.parametrize(
    "content",
    [b"a,b\r\n1,x\r\n2,y", b"a,b\n1,x\n2,y\nTotal,z", b"a,b\n1,x\n2,y\n\nc,d\n3,4", b"a\n1"],
)
def test_a_last_line_without_an_end_stays_so(content: bytes) -> None:
    table, layout = parse_loosely(content, "t.csv")
    assert csv_text(table, layout=layout).encode() == content
    rest = csv_text(table.without_rows(frozenset(table.ids[-1:])), layout=layout)
    assert not rest.endswith("\n")


def test_a_file_without_names_and_one_with_too_few_are_read() -> None:
    plain = b"1,Ann,2024-01-03\n2,Bob,2024-02-04\n3,Cy,2024-03-05\n"
    table, layout = parse_loosely(plain, "t.csv")
    assert (table.columns, table.ids) == (("column 1", "column 2", "column 3"), ("1", "2", "3"))
    assert csv_text(table, layout=layout).encode() == plain
    few = b"id,name\n1,Ann,x\n2,Bob,y\n3,Cy,z\n"
    table, layout = parse_loosely(few, "t.csv")
    assert table.columns == ("id", "name", "column 3")
    assert csv_text(table, layout=layout).encode() == few


def test_a_line_of_numbers_alone_is_a_row() -> None:
    table, layout = parse_loosely(b"7,2024-01-03\n", "t.csv")
    assert (table.ids, layout.header) == (("1",), ())


def test_truth_values_over_others_are_no_names() -> None:
    assert parse_loosely(b"true,x\nfalse,y\n", "t.csv")[0].ids == ("1", "2")


def test_more_lines_of_notes_than_rows_are_no_table() -> None:
    content = b"Staff\nas of May\nby Ann\nname,age\nBob,30\n"
    table, layout = parse_loosely(content, "t.csv")
    assert (table.columns, table.ids) == (("name", "age"), ("1",))
    assert csv_text(table, layout=layout).encode() == content


def test_a_second_table_is_kept_apart() -> None:
    two = b"id,spent\n1,20\n2,30\n\nregion,sales\nnorth,50\n"
    table, layout = parse_loosely(two, "t.csv")
    assert table.ids == ("1", "2")
    assert layout.notes == [
        "Of 2 rows (3, 4) each has a place below this table, and is kept as it is, without any edit."
    ]
    assert csv_text(table, layout=layout).encode() == two


ORDERS = "id,on,who,sum\n1,2024-01-03,Ann,20\n2,2024-02-04,Bob,30\n"


@pytest.mark.parametrize(
    ("below", "rows"),
    [
        ("Total:,,,50\n\nprinted by Ann\n", 0),
        ("Total,,,50\n,,,\nwho,times,,\nAnn,1,,\n", 0),
        ("Subtotal,,,50\nTotal,,,50\n", 0),
        ("Sub-total,,,50\nTotal (2),,,50\n\nTotal: 2 rows\n", 0),
        ("Total,,,50\nTotal,,,50\n", 1),
        ("Total,,,50\n3,2024-03-05,Cy,40\n", 2),
        ("\nwho,means\nAnn,a customer\nBob,a friend\n", 0),
        ("\nBy customer\nwho,times\nAnn,1\n", 0),
        ("\n3,2024-03-05,Cy,40\n\n4,2024-03-05,,\n5,2024-03-06,Di,50\n", 3),
    ],
)
def test_what_stands_below_an_empty_line_is_a_row_where_it_looks_like_one(
    below: str, rows: int
) -> None:
    content = (ORDERS + below).encode()
    table, layout = parse_loosely(content, "t.csv")
    assert len(table.ids) == 2 + rows
    assert csv_text(table, layout=layout).encode() == content


def test_a_workbook_has_empty_rows_and_names_the_sheets_that_are_not_read() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in [
        ["Orders of May"],
        [],
        ["id", "who", "note"],
        ["a1", "Ann"],
        ["a2", "Bob", "paid"],
        [],
        [],
        ["who", "times"],
        ["Ann", 1],
    ]:
        sheet.append(row)
    book.create_sheet("other").append(["x"])
    content = io.BytesIO()
    book.save(content)
    table, layout = parse_loosely(content.getvalue(), "a.xlsx")
    assert table.by_name["note"] == ("", "paid")
    assert layout.notes == [
        "Of 2 sheets only 'Sheet' is read.",
        "Of 2 rows (3, 4) each has a place below this table, and is kept as it is, without any edit.",
    ]


def test_a_table_goes_on_below_its_own_names() -> None:
    content = b"id,spent\n1,20\n2,30\n\nid,spent\n3,40\n4,50\n\nregion,sales\nnorth,50\n"
    table, layout = parse_loosely(content, "t.csv")
    assert table.by_name["id"] == ("1", "2", "3", "4")
    assert list(layout.aside) == [3, 6, 7]
    assert csv_text(table, layout=layout).encode() == content


def test_rows_without_a_value_are_kept_and_are_no_rows() -> None:
    content = b"a;b\n1;2\n;\n3;4\n;\n;\n"
    table, layout = parse_loosely(content, "a.csv")
    assert table.ids == ("1", "3")
    assert layout.notes == [
        "Of 3 rows (2, 4, 5) each has no value, and is kept as it is, without any edit."
    ]
    assert csv_text(table, layout=layout).encode() == content


def test_a_first_row_without_a_value_is_one() -> None:
    table, _ = parse_loosely(b"a;b\n;\n;\n", "a.csv")
    assert table.ids == ("1",)


def test_empty_lines_stay_where_they_are() -> None:
    content = b"\r\nStaff of May\r\n\r\nname;town\r\nAnna;Bonn\r\n\r\n\r\nBert;Ulm\r\n\r\n"
    table, layout = parse_loosely(content, "t.csv")
    assert table.by_name["name"] == ("Anna", "Bert")
    assert csv_text(table, layout=layout).encode() == content
    rest = csv_text(table.without_rows(frozenset({"1"})), layout=layout).encode()
    assert rest == content.replace(b"Anna;Bonn\r\n", b"")


@pytest.mark.parametrize(
    ("content", "columns", "above"),
    [
        (b"Orders 2024;;\na;b;c\n1;x;2\n2;y;3\n", ("a", "b", "c"), [("Orders 2024", "", "")]),
        (b"Orders 2024\na;b\n1;x\n2;y\n", ("a", "b"), [("Orders 2024",)]),
        (b"a;;\nx;1;2\ny;3;4\n", ("a", "", " (2)"), []),  # a header of one name
        (b"May 3; 2024\na;b;c\nx;1;2\ny;3;4\n", ("a", "b", "c"), [("May 3", " 2024")]),
        (b"a;b\nx;1;2\ny;3;4\n", ("a", "b", "column 3"), []),
        (b"sep=;\na;b\nx;1\ny;3\n", ("a", "b"), [("sep=", "")]),
        (b"a;b\rx;1\ry;3\r", ("a", "b"), []),
    ],
)
def test_what_stands_above_a_header_is_passed_over_and_written_back(
    content: bytes, columns: tuple[str, ...], above: list[tuple[str, ...]]
) -> None:
    table, layout = parse_loosely(content, "a.csv")
    assert (table.columns, layout.above) == (columns, above)
    assert csv_text(table, layout=layout).encode() == content
