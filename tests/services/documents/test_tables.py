"""CSV and TSV files become typed tables, and text in which their rows can be found."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.documents import table_files, table_grid
from services.documents.table_files import TableDescription, parse_table_file
from use_cases.kernel.errors import CandorError
from use_cases.kernel.model import ColumnType, Scalar
from use_cases.knowledge.errors import SourceBroken, SourceEmpty, SourceTooLarge
from use_cases.knowledge.model import BlockKind, ParsedDocument, TableData

KPIS = b'KPI ID,Name,Target (%)\nK-012,First-time fix rate,85\nK-013,"Answered,\nthe same day",\n'


def table(content: str | bytes, name: str = "t.csv") -> TableData:
    raw = content.encode() if isinstance(content, str) else content
    return parse_table_file(name, raw).tables[0]


def column(values: list[str], header: str = "x") -> tuple[ColumnType, list[Scalar]]:
    """The type and values of a column of a comma file with these quoted values."""
    lines = [f'"{header}",key', *(f'"{value}",k' for value in values)]
    found = table("\n".join(lines))
    return found.columns[0].type, [row[0] for row in found.rows]


def lines(document: ParsedDocument, kind: BlockKind) -> list[str]:
    return [block.span.cut(document.text) for block in document.blocks if block.kind is kind]


def test_a_csv_file_becomes_a_typed_table() -> None:
    found = table(KPIS, "tables/KPI catalog.csv")

    assert found.name == "kpi_catalog"
    assert found.title == "KPI catalog"
    assert [c.name for c in found.columns] == ["kpi_id", "name", "target_pct"]
    assert [c.original for c in found.columns] == ["KPI ID", "Name", "Target (%)"]
    assert [c.type for c in found.columns] == [
        ColumnType.TEXT,
        ColumnType.TEXT,
        ColumnType.INTEGER,
    ]
    assert found.rows == [
        ("K-012", "First-time fix rate", 85),
        ("K-013", "Answered,\nthe same day", None),
    ]


def test_each_row_is_written_out_with_the_names_of_its_columns() -> None:
    document = parse_table_file("kpi.csv", KPIS)

    assert lines(document, BlockKind.ROW) == [
        "KPI ID: K-012; Name: First-time fix rate; Target (%): 85",
        "KPI ID: K-013; Name: Answered, the same day",
    ]
    assert [span.cut(document.text) for span in document.tables[0].row_spans] == lines(
        document, BlockKind.ROW
    )
    assert document.text == (
        "Kpi\n\n"
        "Table kpi, 2 rows. Columns: KPI ID (kpi_id, text); Name (name, text); "
        "Target (%) (target_pct, whole number).\n\n"
        "KPI ID: K-012; Name: First-time fix rate; Target (%): 85\n"
        "KPI ID: K-013; Name: Answered, the same day"
    )
    assert document.blocks[0].heading == "Kpi"
    assert document.blocks[0].level == 1
    assert document.media_type == "text/csv"


def test_a_description_names_the_table_and_its_columns() -> None:
    about = TableDescription(
        title="KPI catalogue",
        description="What we measure.",
        updated=date(2026, 1, 15),
        columns={"target (%)": "What we want."},
    )

    document = parse_table_file("kpi.csv", KPIS, about)

    assert document.stated.title == "KPI catalogue"
    assert document.stated.updated == date(2026, 1, 15)
    assert document.tables[0].description == "What we measure."
    assert document.tables[0].columns[2].description == "What we want."
    assert lines(document, BlockKind.HEADING) == ["KPI catalogue"]
    assert lines(document, BlockKind.PARAGRAPH) == [
        "What we measure.",
        "Table kpi, 2 rows. Columns: KPI ID (kpi_id, text); Name (name, text); "
        "Target (%) (target_pct, whole number): What we want.",
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    content = "\n".join(delimiter.join(row) for row in [("a", "b"), ("x, y z", "2"), ("p", "3")])
    if delimiter == ",":
        content = 'a,b\n"x, y z",2\np,3'

    found = table(content)

    assert found.rows == [("x, y z", 2), ("p", 3)]


def test_the_delimiter_that_excel_states_is_believed() -> None:
    assert table("sep=;\na;b\n1,5;2,5\n").rows == [(1.5, 2.5)]


def test_uneven_rows_are_filled_and_reported() -> None:
    found = table("a,b\n1,2\n3\n4,5,6\n")

    assert [c.name for c in found.columns] == ["a", "b", "column_3"]
    assert found.rows == [(1, 2, None), (3, None, None), (4, 5, 6)]
    assert found.description == (
        "2 of 3 rows have more or fewer cells than the header; missing cells are empty."
    )


def test_empty_rows_and_empty_margins_are_left_out() -> None:
    assert table(",,\n,a,b\n,,\n,1,2\n,,\n").rows == [(1, 2)]


def test_lines_above_the_header_are_title_and_notes() -> None:
    document = parse_table_file(
        "x.csv", b"Stock 2026,,\nas counted,,\nitem,place,pieces\nnut,A,5\n"
    )

    assert document.stated.title == "Stock 2026"
    assert document.tables[0].description == "as counted"
    assert [c.name for c in document.tables[0].columns] == ["item", "place", "pieces"]
    assert document.tables[0].rows == [("nut", "A", 5)]


@pytest.mark.parametrize(
    ("below", "said", "written"),
    [
        (
            "Total,,50\n",
            "1 line of the file is no row: it has totals for cells.",
            ["who: Total; sum: 50"],
        ),
        (
            "Subtotal,,50\nTotal,,50\n\nwho,times\nAnn,1\n",
            "2 lines of the file are no rows: each has totals for cells. "
            "2 lines of the file are no rows: each has a place below this table.",
            ["who: Subtotal; sum: 50", "who: Total; sum: 50", "who; times", "Ann; 1"],
        ),
        (
            "who,on,sum\n",
            "1 line of the file is no row: it has the columns' names for cells.",
            [],
        ),
        (
            "\n,,\nprinted in May,,\n",
            "1 line of the file is no row: it has a place below this table.",
            ["printed in May"],
        ),
    ],
)
def test_what_is_no_row_is_no_row_and_is_still_found(
    below: str, said: str, written: list[str]
) -> None:
    document = parse_table_file(
        "t.csv", f"who,on,sum\nAnn,2024-01-03,20\nBob,2024-02-04,30\n{below}".encode()
    )

    (found,) = document.tables
    assert found.rows == [("Ann", "2024-01-03", 20), ("Bob", "2024-02-04", 30)]
    assert found.description == said
    assert lines(document, BlockKind.PARAGRAPH)[1:] == written


def test_lines_that_are_no_rows_are_written_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_files, "MOST_SEARCHED_ROWS", 2)
    text = parse_table_file("t.csv", b"a,b,c\n1,x,2\n\nd,e,f\n3,y,4\n5,z,6\n").text

    assert "d; e; f\n\n3; y; 4\n\nOf the lines" in text
    assert "5; z; 6" not in text


def test_an_empty_line_below_each_row_parts_no_tables() -> None:
    found = table("name,city,note\r\r\nAnn,Bonn,5\r\r\nBob,Ulm,paid\r\r\nCy,Ulm,7\r\r\n")

    assert found.rows == [("Ann", "Bonn", "5"), ("Bob", "Ulm", "paid"), ("Cy", "Ulm", "7")]


def test_empty_columns_beside_the_names_are_none() -> None:
    assert table("a,b,,\n1,2,,\n3,4,,\n").rows == [(1, 2), (3, 4)]


def test_a_file_without_header_gets_numbered_columns() -> None:
    found = table("1,2026-01-01\n2,2026-01-02\n")

    assert [c.name for c in found.columns] == ["column_1", "column_2"]
    assert found.rows == [(1, "2026-01-01"), (2, "2026-01-02")]


def test_years_can_be_column_names() -> None:
    found = table("Region,2023,2024\nNorth,5,6\n")

    assert [c.name for c in found.columns] == ["region", "column_2023", "column_2024"]
    assert found.rows == [("North", 5, 6)]
    assert table("Region,2023,2024\nNorth,5,6\nTotal,5,6\n").rows == found.rows


def test_a_header_alone_is_a_table_without_rows() -> None:
    found = table("a,b\n")

    assert [c.name for c in found.columns] == ["a", "b"]
    assert found.rows == []


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (["1", "-20", ""], ColumnType.INTEGER, [1, -20, None]),
        (["1", "2.5"], ColumnType.REAL, [1.0, 2.5]),
        (["1.50", "10.25"], ColumnType.REAL, [1.5, 10.25]),
        (["1,234", "56,789,012", "7"], ColumnType.INTEGER, [1234, 56789012, 7]),
        (["1,234.5", "6"], ColumnType.REAL, [1234.5, 6.0]),
        (["1.234,5", "6"], ColumnType.REAL, [1234.5, 6.0]),
        (["12 500", "7"], ColumnType.INTEGER, [12500, 7]),
        (["85%", "7.5 %"], ColumnType.REAL, [85.0, 7.5]),
        (["€ 1,200.50", "€ 3"], ColumnType.REAL, [1200.5, 3.0]),
        (["5 €", "7 €"], ColumnType.INTEGER, [5, 7]),
        (["12", "n/a", "-"], ColumnType.INTEGER, [12, None, None]),
        (["1.5e-3", "2.5"], ColumnType.REAL, [0.0015, 2.5]),
        (["yes", "No", ""], ColumnType.BOOLEAN, [1, 0, None]),
        (["TRUE", "false"], ColumnType.BOOLEAN, [1, 0]),
        (["2026-01-15", "2026-02-28"], ColumnType.DATE, ["2026-01-15", "2026-02-28"]),
        (["15.01.2026", "1.2.2026"], ColumnType.DATE, ["2026-01-15", "2026-02-01"]),
        (["01/15/2026", "02/01/2026"], ColumnType.DATE, ["2026-01-15", "2026-02-01"]),
        (["15/01/2026", "02/01/2026"], ColumnType.DATE, ["2026-01-15", "2026-01-02"]),
        (["3 May 2026", "15 January 2026"], ColumnType.DATE, ["2026-05-03", "2026-01-15"]),
        (["3 Sept 2026", "15 DEC 2026"], ColumnType.DATE, ["2026-09-03", "2026-12-15"]),
        (["3 Market 2026", "5 Mayor 2026"], ColumnType.TEXT, ["3 Market 2026", "5 Mayor 2026"]),
        (["Jan 15, 2026", "n/a"], ColumnType.DATE, ["2026-01-15", None]),
        (["15-Jan-2026", "Thu, 2 Feb. 2026"], ColumnType.DATE, ["2026-01-15", "2026-02-02"]),
        (["2026.01.15", "2026.2.1"], ColumnType.DATE, ["2026-01-15", "2026-02-01"]),
        (["20260115", "20260201"], ColumnType.INTEGER, [20260115, 20260201]),
        (["2.0", "3.25"], ColumnType.REAL, [2.0, 3.25]),
    ],
)
def test_values_that_agree_are_typed(
    values: list[str], kind: ColumnType, expected: list[Scalar]
) -> None:
    assert column(values) == (kind, expected)


@pytest.mark.parametrize(
    "values",
    [
        ["007", "12"],
        ["12345678901234567890", "1"],
        ["+49 30 1234567", "030 7654321"],
        ["4915112345678", "4915112345679"],
        ["3.9", "3.10"],
        ["1.2.3", "1.3.0"],
        ["85%", "12"],
        ["1,234.5", "1.234,5"],
        ["€ 5", "$ 6"],
        ["12", "about 13"],
        ["yes", "true"],
        ["03/04/2026", "05/06/2026"],
        ["2026-02-30", "2026-02-01"],
        ["2026-01-15 08:30:00", "2026-01-15 09:00:00"],
        ["1E5", "2E7"],
        ["%", "%"],
        ["n/a", "-"],
        ["٣", "٤"],
    ],
)
def test_values_that_do_not_agree_or_are_codes_stay_text(values: list[str]) -> None:
    assert column(values) == (ColumnType.TEXT, list(values))


@pytest.mark.parametrize("header", ["Phone", "ZIP code", "version", "app_version", "ISBN", "Tel."])
def test_columns_named_like_codes_stay_text(header: str) -> None:
    assert column(["15", "16"], header) == (ColumnType.TEXT, ["15", "16"])


def test_a_name_that_only_contains_a_code_word_is_no_code() -> None:
    assert column(["15", "16"], "Conversion rate")[0] is ColumnType.INTEGER


def test_a_comma_that_could_be_a_point_stays_text_in_a_semicolon_file() -> None:
    assert table("a;b\n1,234;x\n").rows == [("1,234", "x")]
    assert table("a;b\n1,234;x\n0,5;x\n").rows == [(1.234, "x"), (0.5, "x")]


def test_percentages_say_so() -> None:
    found = table("rate,key\n85%,a\n")

    assert found.columns[0].description == "in percent: 85 means 85%"


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("Target (%),order,2024 total", ["target_pct", "order_", "column_2024_total"]),
        ("Note,note,NOTE", ["note", "note_2", "note_3"]),
        ("a,,a", ["a", "column_2", "a_2"]),
        ("Ünïcode,日本,#", ["unicode", "日本", "number"]),
        ("rowid,select,group", ["rowid_", "select_", "group_"]),
        ("???,a;b,R&D", ["column_1", "a_b", "r_and_d"]),
        ('x"; DROP TABLE t; --,b,c', ["x_drop_table_t", "b", "c"]),
    ],
)
def test_column_names_are_safe_in_sql(header: str, names: list[str]) -> None:
    found = table(f"{header}\nu,v,w\n")

    assert [c.name for c in found.columns] == names


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("a/b/KPI Catalog (final).csv", "kpi_catalog_final"),
        ("2024.csv", "table_2024"),
        ("select.csv", "select_"),
        ("sqlite_master.csv", "table_sqlite_master"),
        ("???.csv", "table"),
        ("\udcff.csv", "table"),
    ],
)
def test_table_names_are_safe_in_sql(file: str, name: str) -> None:
    assert table("a,b\nx,y\n", file).name == name


def test_a_quotation_mark_for_inches_swallows_nothing() -> None:
    found = table('size,item\n6,bolt\n"5,pipe\n7,nut\n')

    assert found.rows == [("6", "bolt"), ('"5', "pipe"), ("7", "nut")]


@pytest.mark.parametrize("content", [b"", b"\n\n", b" , ,\n,,\n", b"\xef\xbb\xbf"])
def test_a_file_without_cells_is_empty(content: bytes) -> None:
    with pytest.raises(SourceEmpty):
        parse_table_file("a.csv", content)


def test_a_cell_without_end_is_reported() -> None:
    with pytest.raises(SourceBroken):
        parse_table_file("a.csv", b"a,b\n" + b"x" * 2_000_000 + b",1\n")


def test_too_many_rows_or_columns_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_grid, "MAX_ROWS", 10)
    with pytest.raises(SourceTooLarge):
        parse_table_file("a.csv", b"a,b\n" + b"1,2\n" * 11)
    with pytest.raises(SourceTooLarge):
        parse_table_file("a.csv", b"1," * 1_001 + b"1\n")


def test_a_table_that_short_rows_would_make_huge_is_refused() -> None:
    with pytest.raises(SourceTooLarge):
        parse_table_file("a.csv", b"," * 999 + b"x\n" + b"x\n" * 10_001)


def test_a_table_over_the_limits_is_refused_before_its_end_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(table_grid, "MAX_ROWS", 10)
    broken = b'1,"' + b"x" * 2_000_000  # a cell that is longer than the parser takes
    with pytest.raises(SourceTooLarge):
        parse_table_file("a.csv", b"1,2\n" * 100 + broken)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_a_known_error(content: bytes) -> None:
    try:
        document = parse_table_file("a.csv", content)
    except CandorError:
        return
    check(document)


@given(st.lists(st.lists(st.sampled_from(['"', ",", "\n", ";", "\t", "a", "1", " ", "é", "%"]))))
def test_any_text_gives_spans_that_hold(pieces: list[list[str]]) -> None:
    try:
        document = parse_table_file("a.csv", "".join("".join(p) for p in pieces).encode())
    except CandorError:
        return
    check(document)


def check(document: ParsedDocument) -> None:
    """Blocks are in order, do not overlap, and rows are as wide as the columns."""
    end = 0
    for block in document.blocks:
        assert end <= block.span.start <= block.span.end <= len(document.text)
        end = block.span.end
    for data in document.tables:
        assert len({c.name for c in data.columns}) == len(data.columns)
        assert all(len(row) == len(data.columns) for row in data.rows)
        assert len(data.row_spans) in (len(data.rows), 0)


def test_a_long_table_is_loaded_whole_and_searched_by_what_it_is_about(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(table_files, "MOST_SEARCHED_ROWS", 2)
    empty, short, long = (
        parse_table_file("points.csv", f"week,player\n{rows}".encode())
        for rows in ("", "1,Ann\n2,Bob\n", "1,Ann\n2,Bob\n3,Eve\n")
    )

    assert "in SQL only" not in empty.text
    assert len(short.tables[0].row_spans) == 2
    assert "week: 2; player: Bob" in short.text
    assert (len(long.tables[0].rows), long.tables[0].row_spans) == (3, [])
    assert "Columns: week (whole number)" in long.text
    assert "its rows are available in SQL only" in long.text
    assert "Bob" not in long.text
