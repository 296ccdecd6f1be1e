"""Tables in CSV, TSV and XLSX files: typed for SQL, and as text for search.

Each sheet becomes a `TableData` and a part of the document's text: a heading, a description with
the columns, and one line for each row with the names of its columns (see `MOST_SEARCHED_ROWS`), so
that a plain question finds the row and a citation can quote it. What is no row (totals, a second table) follows
as paragraphs, and the description says so. Promises: exact spans; for any bytes
without a table only `SourceBroken`, `SourceEmpty`, `SourceTooLarge` or `SourceBinary`. Leaves to others:
cells (`table_grid.py`), encodings (`decoding.py`), types (`table_columns.py`).

The optional file `tables.yaml` beside tables describes them:

    kpi_catalog.csv:
      title: KPI catalogue
      description: What we measure, and what we want of it.
      updated: 2026-01-15
      columns:
        KPI ID: Stable number of the indicator

Its invalid parts are left out and logged, because a broken description is no reason to leave a table out.
Every scalar is read as text, so `no`, `1.10` and `2026-01-15` stay unchanged.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import zip_longest
from pathlib import PurePosixPath
from typing import cast

from loguru import logger

from services.documents.composing import Composer
from services.documents.decoding import decode, read_yaml
from services.documents.stated import read_date, readable_name
from services.documents.table_columns import column_names, distinct, table_name, type_column
from services.documents.table_grid import Cell, Grid, format_cell, read_csv, read_xlsx
from services.documents.table_layout import REPEATED_NAMES, TOTALS
from use_cases.kernel.model import Column, ColumnType
from use_cases.knowledge.errors import SourceEmpty
from use_cases.knowledge.model import BlockKind, ParsedDocument, StatedFacts, TableData


@dataclass(frozen=True, slots=True)
class TableDescription:
    """The description of one file. `columns` maps a column's name, without case, to its meaning."""

    title: str = ""
    description: str = ""
    updated: date | None = None
    columns: Mapping[str, str] = field(default_factory=dict[str, str])

    def of_column(self, original: str) -> str:
        """Returns the meaning of a column by its name in the file, in any case; empty if unknown."""
        return self.columns.get(original.strip().casefold(), "")


def parse_description(content: bytes, file_name: str) -> TableDescription:
    """Reads the entry of the file from the bytes of a `tables.yaml`; an empty one where none is usable.

    `file_name` may be a path; only its last part counts.
    """
    wanted = PurePosixPath(file_name.replace("\\", "/")).name
    try:
        entry = _mapping(read_yaml(content)).get(wanted, {})
    except ValueError as error:
        logger.warning("tables.yaml: not valid YAML, ignored: {}", error)
        return TableDescription()
    fields = _mapping(entry)
    if not isinstance(entry, dict):
        logger.warning("tables.yaml: the entry {!r} is not a mapping and is ignored", wanted)
    meanings = {n.strip().casefold(): _text(v) for n, v in _mapping(fields.get("columns")).items()}
    return TableDescription(
        title=_text(fields.get("title")),
        description=_text(fields.get("description")),
        updated=read_date(_text(fields.get("updated"))),
        columns={name: meaning for name, meaning in meanings.items() if meaning},
    )


def _mapping(value: object) -> Mapping[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


_TYPE_WORDS = {
    ColumnType.TEXT: "text",
    ColumnType.INTEGER: "whole number",
    ColumnType.REAL: "number",
    ColumnType.DATE: "date",
    ColumnType.BOOLEAN: "yes or no, as 1 or 0",
}


def row_text(header: Sequence[str], row: Sequence[Cell]) -> str:
    """Formats a row: `KPI ID: K-012; Name: First-time fix rate`; cells without a name stand alone."""
    return "; ".join(
        f"{name}: {format_cell(cell)}" if name else format_cell(cell)
        for name, cell in zip_longest(header, row, fillvalue=None)
        if cell is not None
    )


def columns_text(name: str, columns: Sequence[Column], row_count: int) -> str:
    """Returns a sentence that names the table and its columns."""
    listed = "; ".join(_column_text(column) for column in columns)
    rows = "1 row" if row_count == 1 else f"{row_count} rows"
    return f"Table {name}, {rows}. Columns: {listed}."


def _column_text(column: Column) -> str:
    kind = _TYPE_WORDS[column.type]
    if column.name != column.original:
        kind = f"{column.name}, {kind}"
    meaning = f": {column.description.rstrip('.')}" if column.description else ""
    return f"{column.original} ({kind}){meaning}"


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

_CUT = f"Of the lines of the file that are no rows, only the first {MOST_SEARCHED_ROWS:,} are here."


def parse_table_file(
    name: str, content: bytes, description: TableDescription | None = None
) -> ParsedDocument:
    """Reads the tables of a file: a ZIP archive as a workbook, anything else as text."""
    path = PurePosixPath(name.replace("\\", "/"))
    if content.startswith(b"PK"):
        grids, media_type = read_xlsx(content), XLSX
    else:
        grids = read_csv(decode(content))
        media_type = TSV if path.suffix.casefold() in {".tsv", ".tab"} else CSV
    if not grids:
        raise SourceEmpty("All cells of the file are empty.", hint="Nothing needs to be done.")
    about = description or TableDescription()
    prelude = grids[0].prelude if len(grids) == 1 else ()
    title = about.title or (prelude[0] if prelude else readable_name(path.stem))
    text = Composer()
    text.add(BlockKind.HEADING, title, level=1)
    tables = _tables(path.stem, title, grids, about, text)
    return text.finish(media_type, StatedFacts(title=title, updated=about.updated), tables)


def _tables(
    stem: str, title: str, grids: Sequence[Grid], about: TableDescription, text: Composer
) -> list[TableData]:
    """Types each sheet and writes its text, below a heading each where there are several."""
    if len(grids) == 1:
        return [_table(table_name(stem), title, grids[0], about, text)]
    text.add(BlockKind.PARAGRAPH, about.description)
    taken: set[str] = set()
    tables: list[TableData] = []
    for grid in grids:
        text.add(BlockKind.HEADING, grid.label, level=2)
        name = distinct(table_name(stem, grid.label), taken)
        tables.append(_table(name, f"{title}: {grid.label}", grid, about, text))
    return tables


def _table(name: str, title: str, grid: Grid, about: TableDescription, text: Composer) -> TableData:
    values = [
        type_column([row[at] for row in grid.rows], name=original, decimal_comma=grid.decimal_comma)
        for at, original in enumerate(grid.header)
    ]
    names = column_names(grid.header)
    columns = [
        Column(name, original, column.type, _meaning(about.of_column(original), column.note))
        for name, original, column in zip(names, grid.header, values, strict=True)
    ]
    said = " ".join(
        filter(None, (about.description, *(one for one in grid.prelude if one != title)))
    )
    text.add(BlockKind.PARAGRAPH, said)
    text.add(BlockKind.PARAGRAPH, columns_text(name, columns, len(grid.rows)))
    searched = grid.rows
    if len(grid.rows) > MOST_SEARCHED_ROWS:
        searched = ()
        text.add(BlockKind.PARAGRAPH, _TOO_MANY)
    written = (text.add(BlockKind.ROW, row_text(grid.header, row)) for row in searched)
    spans = list(filter(None, written))
    told = [(why, line) for why, line in grid.aside if why != REPEATED_NAMES]
    for why, line in told[:MOST_SEARCHED_ROWS]:
        names = grid.header if why == TOTALS else ()
        text.add(BlockKind.PARAGRAPH, row_text(names, line))
    if len(told) > MOST_SEARCHED_ROWS:
        text.add(BlockKind.PARAGRAPH, _CUT)
    rows = list(zip(*(column.values for column in values), strict=True))
    faults = " ".join(_faults(grid))
    described = f"{said.removesuffix('.')}. {faults}" if said and faults else said or faults
    return TableData(name, title, described, columns, rows, row_spans=spans)


def _meaning(described: str, note: str) -> str:
    return f"{described} ({note})" if described and note else described or note


def _faults(grid: Grid) -> Iterator[str]:
    """Yields sentences on uneven rows, and on what is no row: for those who query the table."""
    if grid.uneven:
        yield (
            f"{grid.uneven} of {len(grid.rows)} rows have more or fewer cells than the header; "
            "missing cells are empty."
        )
    for why, count in Counter(why for why, _ in grid.aside).items():
        lines = (
            "1 line of the file is no row: it has"
            if count == 1
            else f"{count} lines of the file are no rows: each has"
        )
        yield f"{lines} {why}."
