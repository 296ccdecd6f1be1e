"""Untyped tables: the cells of CSV, TSV and XLSX in rows.

Promises: for any text or bytes a grid (for a workbook one of each visible, non-empty sheet), or an error
with the reason. Nothing is lost: rows above the header become the prelude (a title, usually merged over
the columns), what is no row stands aside, short rows are padded, long ones add columns. The delimiter (comma, semicolon, tab or pipe)
is the one that splits the most lines into the same number of cells. A workbook has the values that the
program last saved, not the formulas; sizes are checked before unpacking, and again while rows are read.
Leaves to others: what is a row (`table_layout.py`), encodings (`decoding.py`) and types (`table_columns.py`).
"""

import csv
import io
import re
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Protocol, TypeAlias, cast

from services.documents.decoding import clean_text
from services.documents.table_layout import Layout, lay_out
from use_cases.kernel.errors import CandorError
from use_cases.knowledge.errors import SourceBroken, SourceTooLarge

MAX_ROWS = 200_000
MAX_COLUMNS = 1_000
MAX_CELLS = 2_000_000
MAX_PLACES = 10_000_000
"""The most rows times columns: short rows are padded to the longest."""


@dataclass(frozen=True, slots=True)
class Percent:
    """A number that the file formats as a percentage, in percent (85.0 for 85 %)."""

    points: float


Cell: TypeAlias = str | bool | int | float | Percent | datetime | date | time | timedelta | None
"""A cell of a file: text for CSV, the native type for a workbook; None is empty."""

Rows: TypeAlias = Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Header and rows of one sheet, all as wide as `header`; `prelude` are the lines above the header.

    `aside` are the lines that are no rows, such as totals, with what makes them so.
    `label` is the sheet's name, empty where the format has none. `uneven` counts rows with another
    number of cells than the header. `decimal_comma` is true where a comma may be a decimal point
    (files with semicolons between cells).
    """

    header: Sequence[str]
    rows: Rows
    prelude: Sequence[str]
    aside: Sequence[tuple[str, Sequence[Cell]]] = ()
    label: str = ""
    uneven: int = 0
    decimal_comma: bool = False


def limit_rows(rows: Iterable[Sequence[Cell]]) -> Rows:
    """Returns the rows without empty cells at their ends, and one without a cell where empty ones stand between them.
    Raises `SourceTooLarge`.
    """
    kept: list[Sequence[Cell]] = []
    cells = width = 0
    gap = False
    for row in rows:
        end = len(row)
        while end and row[end - 1] is None:
            end -= 1
        if not end:
            gap = bool(kept)
            continue
        if gap:
            kept.append(())
            gap = False
        kept.append(row[:end])
        cells += end
        width = max(width, end)
        places = width * len(kept)
        if len(kept) > MAX_ROWS or width > MAX_COLUMNS or cells > MAX_CELLS or places > MAX_PLACES:
            raise SourceTooLarge(
                f"The table has more than {MAX_ROWS:,} rows, {MAX_COLUMNS:,} columns or "
                f"{MAX_CELLS:,} cells.",
                hint="Split the table into several files.",
            )
    return kept


def records_of(rows: Rows, lengths: Sequence[int] = ()) -> Iterator[list[str]]:
    """Yields the texts of rows, those from the header on as wide as that, or as the file has them by `lengths`; an
    empty one for empty ones.
    """
    width = number = 0
    for row in rows:
        width = width or (len(row) if len(row) > 1 else 0)
        full = lengths[number] if width and lengths and row else width
        number += bool(row)
        cells = [cell if isinstance(cell, str) else format_cell(cell) for cell in row]
        yield cells + [""] * (full - len(cells)) if cells else []


def split_rows(rows: Rows, lengths: Sequence[int] = ()) -> Grid:
    """Tells the rows of a table from its header, and from what stands above, among and below them (at least one row
    with a cell). Empty columns at the left, which sheets often have, are left out.

    `lengths` are the numbers of cells that the file has in each row that is not empty.
    """
    margin = min(next(i for i, cell in enumerate(row) if cell is not None) for row in rows if row)
    rows = [row[margin:] for row in rows]
    lengths = [length - margin for length in lengths]
    layout = cast("Layout", lay_out(records_of(rows, lengths)))
    filled = list(filter(None, rows))
    at = len(layout.above)
    names = layout.header[: len(filled[at])]
    whole = lengths[at] if lengths else 0
    at += bool(names)
    kept, aside, uneven = list[Sequence[Cell]](), list[tuple[str, Sequence[Cell]]](), 0
    for some, why in layout.parts:
        now, at = at, at + len(some)
        if why:
            aside.append((why, filled[now]))
        else:
            kept.extend(filled[now:at])
            uneven += sum(length != whole for length in lengths[now:at])
    width = max(map(len, [names, *kept]))
    names += [""] * (width - len(names))
    return Grid(
        header=[name or f"Column {number}" for number, name in enumerate(names, start=1)],
        rows=[(*row, *[None] * (width - len(row))) for row in kept],
        prelude=[" ".join(filter(None, row)) for row in layout.above],
        aside=aside,
        uneven=uneven,
    )


def format_cell(cell: Cell) -> str:
    """Formats a cell for a reader, on one line."""
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case Percent():
            return f"{cell.points:.10g}%"
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < 1e18 else f"{cell:.15g}"
        case datetime():
            return cell.isoformat(" ", timespec="seconds")
        case _:
            return " ".join(str(cell).split())


_DELIMITERS = ",;\t|"
_SAMPLE_CHARACTERS = 64 * 1024
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_EXCEL_HINT = re.compile(r"sep=([,;\t|])\r?\n", re.IGNORECASE)


_LONGEST_CELL = 2**20  # characters


def read_csv(text: str) -> list[Grid]:
    """Reads the cells of a text; no grid without any. Raises `SourceBroken` (an unclosed cell) or
    `SourceTooLarge`.
    """
    delimiter = sniff_delimiter(text)
    if stated := _EXCEL_HINT.match(text):
        text = text[stated.end() :]
    try:
        return _grids(text, delimiter, strict=True)
    except csv.Error as error:
        # An unclosed quotation mark at the end means inches.
        quoted = "unexpected end of data" not in str(error)
    try:
        return _grids(text, delimiter, quoted=quoted)
    except csv.Error as error:
        raise SourceBroken(
            f"The table cannot be read: {error}.",
            hint="Look for a quotation mark that is never closed.",
        ) from error


def _grids(text: str, delimiter: str, *, quoted: bool = True, strict: bool = False) -> list[Grid]:
    """Reads row by row, so that a table over the limits is refused before it fills the memory."""
    lengths: list[int] = []

    def cells() -> Iterator[Sequence[Cell]]:
        for record in split_records(text, delimiter, quoted=quoted, strict=strict):
            row = [field.strip() or None for field in record]
            if any(row):
                lengths.append(len(row))
            yield row

    rows = limit_rows(cells())
    return [replace(split_rows(rows, lengths), decimal_comma=delimiter == ";")] if rows else []


def sniff_delimiter(text: str) -> str:
    """Returns the delimiter that the first line states for Excel, or else the one that splits most lines of the
    beginning into equally many (> 1) cells.
    """
    if stated := _EXCEL_HINT.match(text):
        return stated[1]
    text = text[: 2 * _SAMPLE_CHARACTERS].replace("\r\n", "\n").replace("\r", "\n")
    sample = text[:_SAMPLE_CHARACTERS]
    if len(text) > len(sample):  # the last line may be cut off
        sample = sample[: sample.rfind("\n") + 1] or sample
    return max(_DELIMITERS, key=lambda delimiter: _agreement(sample, delimiter))


def _agreement(sample: str, delimiter: str) -> tuple[float, int]:
    """Returns the share of records with the most frequent width above 1, and that width."""
    try:
        widths = [len(record) for record in split_records(sample, delimiter) if record]
    except csv.Error:
        return (0.0, 0)
    width, count = max(
        Counter(width for width in widths if width > 1).items(),
        key=lambda item: (item[1], item[0]),
        default=(0, 0),
    )
    return (round(count / len(widths), 2) if widths else 0.0, width)


def split_records(
    text: str, delimiter: str, *, quoted: bool = True, strict: bool = False
) -> Iterator[list[str]]:
    """Splits a text into records of cells, which keep the line ends in them. Raises `csv.Error`."""
    csv.field_size_limit(_LONGEST_CELL)  # of the whole process, so that it is set with each reader
    quoting = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    return csv.reader(_lines(text), delimiter=delimiter, quoting=quoting, strict=strict)


def _lines(text: str) -> Iterator[str]:
    if text.count("\r") > text.count("\r\n"):
        yield from (line[0] for line in _LINE.finditer(text))
        return
    start = 0
    while end := text.find("\n", start) + 1:
        yield text[start:end]
        start = end
    if start < len(text):
        yield text[start:]


MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_SHEETS = 100
_MAX_SCANNED_ROWS = 1_048_576
_MAX_SCANNED_CELLS = 20_000_000


class _SheetCell(Protocol):
    """The used part of openpyxl's several classes of cells."""

    @property
    def value(self) -> object: ...
    @property
    def data_type(self) -> str: ...
    @property
    def number_format(self) -> str: ...


def read_xlsx(content: bytes) -> list[Grid]:
    """Reads the non-empty sheets. Raises only `SourceBroken` or `SourceTooLarge`."""
    return [replace(split_rows(rows), label=label) for label, rows in read_sheets(content)]


def read_sheets(content: bytes, *, exact: bool = False) -> list[tuple[str, Rows]]:
    """Reads the names and rows of the non-empty sheets. Raises as `read_xlsx`.

    `exact`: texts keep their white space and control characters, and errors of formulas their code.
    """
    try:
        _check_sizes(content)
        return list(_sheets(content, exact=exact))
    except CandorError:
        raise
    # A damaged workbook makes openpyxl raise nearly any error (KeyError, TypeError, BadZipFile,
    # ParseError, …), so every exception here means that the file is damaged.
    except Exception as error:
        raise SourceBroken(
            f"The workbook cannot be read ({type(error).__name__}: {str(error)[:120]})."
        ) from error


def _check_sizes(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > MAX_UNPACKED_BYTES:
        raise SourceTooLarge(
            f"The workbook would unpack to {unpacked:,} bytes; {MAX_UNPACKED_BYTES:,} are allowed."
        )


def _sheets(content: bytes, *, exact: bool) -> Iterator[tuple[str, Rows]]:
    # Imported here because it takes a tenth of a second, which only workbooks need.
    from openpyxl import load_workbook

    # openpyxl warns of features it leaves out (data validation, styles), which are not read here.
    warnings.filterwarnings("ignore", module="openpyxl")
    with closing(load_workbook(io.BytesIO(content), read_only=True, data_only=True)) as workbook:
        for sheet in workbook.worksheets[:MAX_SHEETS]:
            if sheet.sheet_state != "visible":
                continue
            # The stated dimensions are often wrong; without them each row is as wide as it is.
            sheet.reset_dimensions()
            cells = cast("Iterable[Sequence[_SheetCell]]", sheet.iter_rows())
            if rows := limit_rows(_rows(cells, exact=exact)):
                yield clean_text(sheet.title), rows


def _rows(rows: Iterable[Sequence[_SheetCell]], *, exact: bool) -> Iterator[Sequence[Cell]]:
    """Yields the values of the rows, within limits: a file may claim any row number."""
    scanned = 0
    for number, row in enumerate(rows, start=1):
        scanned += len(row)
        if number > _MAX_SCANNED_ROWS or scanned > _MAX_SCANNED_CELLS:
            raise SourceTooLarge("A sheet of the workbook exceeds the size limit for tables.")
        yield [_value(cell, exact=exact) for cell in row]


def _value(cell: _SheetCell, *, exact: bool) -> Cell:
    value: object = cell.value
    match value:
        case str() if exact:
            return value
        case str():
            return None if cell.data_type == "e" else clean_text(value).strip() or None
        case datetime():
            return value.date() if value.time() == time() else value
        case bool() | date() | time() | timedelta():
            return value
        case int() | float():
            return _number(value, str(cell.number_format or ""))
        case _:
            return None


def _number(value: float, number_format: str) -> Cell:
    if re.fullmatch(r"0{2,}", number_format):  # codes such as 00042
        return f"{int(value):0{len(number_format)}d}"
    if number_format.rstrip().endswith("%"):
        return Percent(round(value * 100, 10))
    return value
