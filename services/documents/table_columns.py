"""The typing of columns from raw cells.

Promises: one type for a whole column, NULL for an empty cell, and the characters of the file where
the type is uncertain. Dates are ISO text, truth values 1 and 0, percentages in percent.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.documents.table_grid import Cell, Percent, format_cell
from services.documents.table_numbers import booleans, dates, numbers
from use_cases.kernel.model import ColumnType, Scalar

_MISSING = frozenset({"-", "–", "—", "n/a", "na", "n.a.", "null", "none", "nan"})
"""Words for "no value", in a column of numbers, dates or truth values."""

_UNIT_NOTES = {"%": "in percent: 85 means 85%"}
_LARGEST_INTEGER = 2**63
_LARGEST_EXACT = 2**53


@dataclass(frozen=True, slots=True)
class TypedValues:
    """A column's type and values, with a note on their unit."""

    type: ColumnType
    values: Sequence[Scalar]
    note: str = ""


def type_column(cells: Sequence[Cell], *, name: str, decimal_comma: bool) -> TypedValues:
    """Convert the cells of one column to the one type that fits them all, else to text."""
    present = [cell for cell in cells if cell is not None]
    if all(isinstance(cell, str) for cell in present):
        texts = [cell if isinstance(cell, str) else None for cell in cells]
        return _type_text(texts, name=name, decimal_comma=decimal_comma)
    known = [cell for cell in present if not _is_missing(cell)]
    return _type_native(cells, known) or _as_text(cells)


def _type_text(texts: Sequence[str | None], *, name: str, decimal_comma: bool) -> TypedValues:
    known = [text for text in texts if text is not None and not _is_missing(text)]
    if not known:
        return _as_text(texts)
    if (found := dates(known)) is not None:
        return TypedValues(ColumnType.DATE, _spread(texts, found))
    if (found := booleans(known)) is not None:
        return TypedValues(ColumnType.BOOLEAN, _spread(texts, found))
    if (read := numbers(known, name=name, decimal_comma=decimal_comma)) is not None:
        values, unit = read
        note = _UNIT_NOTES.get(unit, f"in {unit}" if unit else "")
        if unit != "%" and all(isinstance(value, int) for value in values):
            return TypedValues(ColumnType.INTEGER, _spread(texts, values), note)
        return TypedValues(ColumnType.REAL, _spread(texts, [float(v) for v in values]), note)
    return _as_text(texts)


def _type_native(cells: Sequence[Cell], known: Sequence[Cell]) -> TypedValues | None:
    """Type a workbook's own values when they are all of one kind; else return None."""
    if all(isinstance(cell, bool) for cell in known):
        return TypedValues(
            ColumnType.BOOLEAN, _spread(cells, [int(cell is True) for cell in known])
        )
    if all(isinstance(cell, date) and not isinstance(cell, datetime) for cell in known):
        return TypedValues(ColumnType.DATE, _spread(cells, [format_cell(cell) for cell in known]))
    if all(isinstance(cell, Percent) for cell in known):
        points = [cell.points for cell in known if isinstance(cell, Percent)]
        return TypedValues(ColumnType.REAL, _spread(cells, points), _UNIT_NOTES["%"])
    return _type_numbers(cells, known)


def _type_numbers(cells: Sequence[Cell], known: Sequence[Cell]) -> TypedValues | None:
    found = [cell for cell in known if isinstance(cell, int | float) and not isinstance(cell, bool)]
    if len(found) < len(known) or not all(map(math.isfinite, found)):
        return None
    if all(float(number).is_integer() and abs(number) < _LARGEST_INTEGER for number in found):
        return TypedValues(ColumnType.INTEGER, _spread(cells, [int(number) for number in found]))
    if any(isinstance(number, int) and abs(number) > _LARGEST_EXACT for number in found):
        return None
    return TypedValues(ColumnType.REAL, _spread(cells, [float(number) for number in found]))


def _is_missing(cell: Cell) -> bool:
    return isinstance(cell, str) and cell.casefold() in _MISSING


def _spread(cells: Sequence[Cell], values: Sequence[Scalar]) -> list[Scalar]:
    """Place the values at the cells that have one, NULL at the others."""
    upcoming = iter(values)
    return [None if cell is None or _is_missing(cell) else next(upcoming) for cell in cells]


def _as_text(cells: Sequence[Cell]) -> TypedValues:
    return TypedValues(ColumnType.TEXT, [_text(cell) for cell in cells])


def _text(cell: Cell) -> str | None:
    return cell if cell is None or isinstance(cell, str) else format_cell(cell)
