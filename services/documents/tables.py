"""Tables in CSV, TSV and XLSX files: typed for SQL, and as text for search.

Each sheet becomes a `TableData` and a part of the document's text: a heading, a description with
the columns, and one line for each row with the names of its columns (see `MOST_SEARCHED_ROWS`), so
that a plain question finds the row and a citation can quote it. Promises: for any bytes without a
table only `SourceBroken`, `SourceEmpty`, `SourceTooLarge` or `SourceBinary`. Leaves to others: files
(`table_csv.py`, `table_xlsx.py`), encodings (`decoding.py`), types (`table_columns.py`).
"""

from collections.abc import Sequence
from pathlib import PurePosixPath

from services.documents.column_names import column_names, distinct, table_name
from services.documents.decoding import clean_text, decode
from services.documents.table_columns import TypedValues, type_column
from services.documents.table_csv import read_csv
from services.documents.table_description import TableDescription
from services.documents.table_grid import Grid, RawTable, raw_table
from services.documents.table_text import TableText, columns_text
from services.documents.table_xlsx import read_xlsx
from use_cases.kernel.model import Column
from use_cases.knowledge.errors import SourceEmpty
from use_cases.knowledge.model import ParsedDocument, StatedFacts, TableData

CSV = "text/csv"
TSV = "text/tab-separated-values"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

MOST_SEARCHED_ROWS = 1000
"""The longest table whose rows are searchable; the rows of a longer one are available in SQL only.

Such rows are measurements rather than texts: as text they are many times the file's size, and the
vectors of 20,000 of them take a quarter of an hour.
"""

_TOO_MANY = (
    f"The table has more than {MOST_SEARCHED_ROWS:,} rows, so its rows are available in SQL only."
)


def parse_table_file(
    name: str, content: bytes, description: TableDescription | None = None
) -> ParsedDocument:
    """Read the tables of a file: a ZIP archive as a workbook, anything else as text."""
    path = PurePosixPath(name.replace("\\", "/"))
    if content.startswith(b"PK"):
        grids, media_type = read_xlsx(content), XLSX
    else:
        grids = [read_csv(decode(content))]
        media_type = TSV if path.suffix.casefold() in {".tsv", ".tab"} else CSV
    found = [(grid, raw) for grid in grids if (raw := raw_table(grid)) is not None]
    if not found:
        raise SourceEmpty("All cells of the file are empty.", hint="Nothing needs to be done.")
    about = description or TableDescription()
    title = about.title or _title(path.stem, found)
    text = TableText()
    tables = _tables(path.stem, title, found, about, text)
    return ParsedDocument(
        text=text.text,
        blocks=text.blocks,
        media_type=media_type,
        stated=StatedFacts(title=title, updated=about.updated),
        tables=tables,
    )


def _title(stem: str, found: Sequence[tuple[Grid, RawTable]]) -> str:
    """Return the line above the only table, else the file's name as words."""
    if len(found) == 1 and found[0][1].prelude:
        return found[0][1].prelude[0]
    words = " ".join(clean_text(stem).replace("_", " ").replace("-", " ").split())
    return words[:1].upper() + words[1:] or "Table"


def _tables(
    stem: str,
    title: str,
    found: Sequence[tuple[Grid, RawTable]],
    about: TableDescription,
    text: TableText,
) -> list[TableData]:
    """Type each sheet and write its text, below a heading each where there are several."""
    text.heading(title, level=1)
    if len(found) == 1:
        grid, raw = found[0]
        return [_table(table_name(stem), title, grid, raw, about, text)]
    if about.description:
        text.paragraph(about.description)
    taken: set[str] = set()
    tables: list[TableData] = []
    for grid, raw in found:
        text.heading(grid.label, level=2)
        name = distinct(table_name(stem, grid.label), taken)
        tables.append(_table(name, f"{title}: {grid.label}", grid, raw, about, text))
    return tables


def _table(
    name: str, title: str, grid: Grid, raw: RawTable, about: TableDescription, text: TableText
) -> TableData:
    cells = [[row[index] for row in raw.rows] for index in range(len(raw.header))]
    values = [
        type_column(column, name=original, decimal_comma=grid.decimal_comma)
        for original, column in zip(raw.header, cells, strict=True)
    ]
    columns = _columns(raw.header, values, about)
    described = _description(title, grid, raw, about)
    if described:
        text.paragraph(described)
    text.paragraph(columns_text(name, columns, len(raw.rows)))
    searched = raw.rows if len(raw.rows) <= MOST_SEARCHED_ROWS else ()
    if not searched:
        text.paragraph(_TOO_MANY)
    spans = text.rows(raw.header, searched)
    rows = list(zip(*(column.values for column in values), strict=True))
    return TableData(name, title, described, columns, rows, row_spans=spans)


def _columns(
    header: Sequence[str], values: Sequence[TypedValues], about: TableDescription
) -> list[Column]:
    return [
        Column(name, original, column.type, _meaning(about.of_column(original), column.note))
        for name, original, column in zip(column_names(header), header, values, strict=True)
    ]


def _meaning(described: str, note: str) -> str:
    return f"{described} ({note})" if described and note else described or note


def _description(title: str, grid: Grid, raw: RawTable, about: TableDescription) -> str:
    """Return the table's description: from `tables.yaml`, the prelude, and the uneven rows."""
    sentences = [about.description or ""]
    sentences.extend(line for line in raw.prelude if line != title)
    if grid.uneven:
        sentences.append(
            f"{grid.uneven} of {len(raw.rows)} rows have more or fewer cells than the header; "
            "missing cells are empty."
        )
    return " ".join(filter(None, sentences))
