"""An untyped table: cells in rows, and the detection of its header.

Promises: nothing is lost; rows above the header become the prelude (a title, usually merged over
the columns), short rows are padded, long ones add columns.
Leaves to others: files (`table_csv.py`, `table_xlsx.py`) and types (`table_columns.py`).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

from use_cases.knowledge.errors import SourceTooLarge

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


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of one sheet. `label` is the sheet's name, empty where the format has none.

    `uneven` counts rows with another number of cells than the header. `decimal_comma` is true
    where a comma may be a decimal point (files with semicolons between cells).
    """

    label: str
    rows: Sequence[Sequence[Cell]]
    uneven: int = 0
    decimal_comma: bool = False


@dataclass(frozen=True, slots=True)
class RawTable:
    """Header and rows, all as wide as `header`; `prelude` are the lines above the header."""

    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    prelude: Sequence[str]


def limit_rows(rows: Iterable[Sequence[Cell]]) -> list[Sequence[Cell]]:
    """Return the non-empty rows, without empty cells at their ends. Raises `SourceTooLarge`."""
    kept: list[Sequence[Cell]] = []
    cells = width = 0
    for row in rows:
        trimmed = _trim(row)
        if not trimmed:
            continue
        kept.append(trimmed)
        cells += len(trimmed)
        width = max(width, len(trimmed))
        places = width * len(kept)
        if len(kept) > MAX_ROWS or width > MAX_COLUMNS or cells > MAX_CELLS or places > MAX_PLACES:
            raise SourceTooLarge(
                f"The table has more than {MAX_ROWS:,} rows, {MAX_COLUMNS:,} columns or "
                f"{MAX_CELLS:,} cells.",
                hint="Split the table into several files.",
            )
    return kept


def raw_table(grid: Grid) -> RawTable | None:
    """Split a grid into header and rows; None for a sheet without any cell."""
    rows = _trim_margin(grid.rows)
    if not rows:
        return None
    prelude, rows = _split_prelude(rows)
    width = max(len(row) for row in rows)
    has_header = _is_header(rows[0])
    header = [format_cell(cell) for cell in rows[0]] if has_header else []
    header.extend([""] * (width - len(header)))
    return RawTable(
        header=[name or f"Column {number}" for number, name in enumerate(header, start=1)],
        rows=[(*row, *[None] * (width - len(row))) for row in rows[has_header:]],
        prelude=prelude,
    )


def format_cell(cell: Cell) -> str:
    """Format a cell for a reader, on one line."""
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case Percent():
            return f"{cell.points:.10g}%"
        case float():
            return str(int(cell)) if _is_whole(cell) else f"{cell:.15g}"
        case datetime():
            return cell.isoformat(" ", timespec="seconds")
        case _:
            return " ".join(str(cell).split())


def _is_whole(number: float) -> bool:
    return number.is_integer() and abs(number) < 1e18


def _trim(row: Sequence[Cell]) -> Sequence[Cell]:
    end = len(row)
    while end and row[end - 1] is None:
        end -= 1
    return row[:end]


def _trim_margin(rows: Sequence[Sequence[Cell]]) -> Sequence[Sequence[Cell]]:
    """Return the rows without the empty columns at their left, which sheets often have."""
    margin = min(
        (next(i for i, cell in enumerate(row) if cell is not None) for row in rows), default=0
    )
    return [row[margin:] for row in rows] if margin else rows


def _split_prelude(rows: Sequence[Sequence[Cell]]) -> tuple[list[str], Sequence[Sequence[Cell]]]:
    """Split off lone cells above a wider table, which are its title and notes, not its header."""
    first_wide = next((i for i, row in enumerate(rows) if _count_filled(row) > 1), 0)
    prelude = [" ".join(format_cell(cell) for cell in row).strip() for row in rows[:first_wide]]
    return prelude, rows[first_wide:]


def _count_filled(row: Sequence[Cell]) -> int:
    return sum(cell is not None for cell in row)


_NUMBER_OR_DATE = re.compile(r"[-+]?\d[\d.,\s]*%?|\d{1,4}[-./]\d{1,2}[-./]\d{1,4}")
_YEAR = re.compile(r"(19|20)\d\d")


def _is_header(row: Sequence[Cell]) -> bool:
    """Return whether a first row names columns: words in every cell, or words and then years."""
    names = [format_cell(cell) for cell in row]
    filled = [name for name in names if name]
    if all(_is_word(name) for name in filled):
        return True
    return (
        (not names[0] or _is_word(names[0]))
        and len(set(filled)) == len(filled)
        and all(_is_word(name) or _YEAR.fullmatch(name) for name in filled)
    )


def _is_word(name: str) -> bool:
    return not _NUMBER_OR_DATE.fullmatch(name) and name.casefold() not in {"true", "false"}
