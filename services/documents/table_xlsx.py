"""XLSX workbooks as cells: the values that the program last saved, not the formulas.

Promises: for any bytes a grid for each visible, non-empty sheet, or a `CandorError`; sizes are
checked before unpacking, and again while rows are read.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Protocol, TypeAlias, cast

from services.documents.decoding import clean_text
from services.documents.table_grid import Cell, Grid, Percent, limit_rows
from use_cases.kernel.errors import CandorError
from use_cases.knowledge.errors import SourceBroken, SourceTooLarge

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

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


_ReadCell: TypeAlias = Callable[[_SheetCell], Cell]


def read_xlsx(content: bytes, *, exact: bool = False) -> list[Grid]:
    """Read the non-empty sheets. Raises only `SourceBroken` or `SourceTooLarge`.

    `exact`: texts keep their white space and control characters, and errors of formulas their code.
    """
    try:
        _check_sizes(content)
        return list(_sheets(content, _exact_value if exact else _value))
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


def _sheets(content: bytes, value: _ReadCell) -> Iterator[Grid]:
    # Imported here because it takes a tenth of a second, which only workbooks need.
    from openpyxl import load_workbook

    # openpyxl warns of features it leaves out (data validation, styles), which are not read here.
    warnings.filterwarnings("ignore", module="openpyxl")
    workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    try:
        yield from _grids(workbook, value)
    finally:
        workbook.close()


def _grids(workbook: "Workbook", value: _ReadCell) -> Iterator[Grid]:
    for sheet in workbook.worksheets[:MAX_SHEETS]:
        if sheet.sheet_state != "visible":
            continue
        # The stated dimensions are often wrong; without them each row is as wide as it is.
        sheet.reset_dimensions()
        cells = cast("Iterable[Sequence[_SheetCell]]", sheet.iter_rows())
        rows = limit_rows(_rows(cells, value))
        if rows:
            yield Grid(clean_text(sheet.title), rows)


def _rows(rows: Iterable[Sequence[_SheetCell]], value: _ReadCell) -> Iterator[Sequence[Cell]]:
    """Yield the values of the rows, within limits: a file may claim any row number."""
    scanned = 0
    for number, row in enumerate(rows, start=1):
        scanned += len(row)
        if number > _MAX_SCANNED_ROWS or scanned > _MAX_SCANNED_CELLS:
            raise SourceTooLarge("A sheet of the workbook exceeds the size limit for tables.")
        yield [value(cell) for cell in row]


def _exact_value(cell: _SheetCell) -> Cell:
    return cell.value if isinstance(cell.value, str) else _value(cell)


def _value(cell: _SheetCell) -> Cell:
    value: object = cell.value
    match value:
        case str():
            return None if cell.data_type == "e" else clean_text(value).strip() or None
        case bool() | timedelta():
            return value
        case datetime():
            return value.date() if value.time() == time() else value
        case date() | time():
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
