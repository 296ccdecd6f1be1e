"""The names and types of columns, from raw cells.

Promises of names: `Target (%)` becomes `target_pct`; distinct lower-case identifiers of letters, digits
and underscores that need no quotes and are no keywords of SQL. Letters of other scripts stay, accents are
dropped. Promises of types: one for a whole column, and only where all values agree; NULL for an empty
cell; the characters of the file where the type is uncertain. It never guesses: a column that is ambiguous,
or whose digits are a code (leading zeros, long numbers, telephone numbers, versions), is not converted.
Dates are ISO text, truth values 1 and 0, percentages in percent.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import takewhile

import apsw

from services.documents.stated import DAYS, day_of
from services.documents.table_grid import Cell, Percent, format_cell
from use_cases.kernel.model import ColumnType, Scalar

MAX_NAME_CHARACTERS = 60

_SYMBOLS = {"%": " pct ", "&": " and ", "#": " number ", "€": " eur ", "$": " usd ", "£": " gbp "}

_KEYWORDS = frozenset(map(str.lower, apsw.keywords)) | frozenset(
    "analyse any array asymmetric both current_role current_user false fetch freeze grant ilike "  # noqa: SIM905  (prose is easier to read)
    "lateral leading localtime localtimestamp oid only overlaps placing rowid session_user similar "
    "some symmetric trailing true user variadic verbose within".split()
)
"""Words that SQLite or, those listed, PostgreSQL reserves, or that name a row: they would need quotes."""


def table_name(*parts: str) -> str:
    """Returns a table's name for a file's (and a sheet's) name; never empty, never `sqlite_…`."""
    name = _identifier("_".join(parts), "table") or "table"
    return f"table_{name}" if name.startswith("sqlite_") else name


def column_names(originals: Iterable[str]) -> list[str]:
    """Returns a name for each column of a table; a repeated one gets a number: `note`, `note_2`."""
    taken = set[str]()
    return [
        distinct(_identifier(original, "column") or f"column_{number}", taken)
        for number, original in enumerate(originals, start=1)
    ]


def distinct(name: str, taken: set[str]) -> str:
    """Returns the name, numbered if it is taken, and adds it to `taken`."""
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    taken.add(candidate)
    return candidate


def _identifier(text: str, prefix: str) -> str:
    for symbol, word in _SYMBOLS.items():
        text = text.replace(symbol, word)
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    words = re.sub(r"[\W_]+", "_", unicodedata.normalize("NFC", letters)).strip("_")
    name = words[:MAX_NAME_CHARACTERS].rstrip("_")
    if name and not name[0].isalpha():
        name = f"{prefix}_{name}"
    return f"{name}_" if name in _KEYWORDS else name


@dataclass(frozen=True, slots=True)
class TypedValues:
    """A column's type and values, with a note on their unit."""

    type: ColumnType
    values: Sequence[Scalar]
    note: str = ""


_CODE_NAME = re.compile(
    r"(?:\b|_)(?:(?:tele)?phone|tel|fax|zip|plz|post(?:al)?[ _]?code|ean|isbn|"
    r"version|release|revision)(?:\b|_)",
    re.IGNORECASE,
)
_NOTATIONS = (
    (re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+([eE][-+]?[0-9]{1,2})?)?"), ""),
    (re.compile(r"-?(0|[1-9][0-9]{0,2}(,[0-9]{3})*|[1-9][0-9]*)(\.[0-9]+)?"), ","),
    (
        re.compile(r"-?(0|[1-9][0-9]{0,2}([.\u00a0\u202f ][0-9]{3})*|[1-9][0-9]*)(,[0-9]+)?"),
        "[.\u00a0\u202f ]",
    ),
)
"""Numbers in the plain, the English and the continental way, with what divides their thousands."""

_INTEGER = re.compile(r"-?[0-9]+")
_UNITS = "%€$£¥"
_UNIT_NOTES = {"%": "in percent: 85 means 85%"}
_LONGEST_NUMBER = 15  # digits; beyond it a float is inexact, and the number is most likely a code
_SHORTEST_CODE = 10  # digits; from here on, values of equal length are codes


def _numbers(values: Sequence[str], name: str, *, decimal_comma: bool) -> TypedValues | None:
    """Reads all values as numbers with their common unit (`%`, a currency sign or none), or None.

    Of several readings the plain or else the English one counts; with decimal commas only an
    unambiguous one.
    """
    unit, bare = _split_unit(values)
    if _CODE_NAME.search(name) or _are_codes(bare) or _are_versions(bare):
        return None
    first = next(filter(None, (_read(bare, *notation) for notation in _NOTATIONS)), None)
    if first is None or (decimal_comma and _read(bare, *_NOTATIONS[-1]) not in (None, first)):
        return None
    note = _UNIT_NOTES.get(unit, f"in {unit}" if unit else "")
    if unit != "%" and all(isinstance(value, int) for value in first):
        return TypedValues(ColumnType.INTEGER, first, note)
    return TypedValues(ColumnType.REAL, [float(value) for value in first], note)


def _booleans(values: Sequence[str]) -> TypedValues | None:
    """Reads all values as 1 and 0 when they are yes and no, or true and false; else None."""
    folded = [value.casefold() for value in values]
    for yes, no in (("true", "false"), ("yes", "no")):
        if all(value in {yes, no} for value in folded):
            return TypedValues(ColumnType.BOOLEAN, [int(value == yes) for value in folded])
    return None


def _dates(values: Sequence[str]) -> TypedValues | None:
    """Reads all values as ISO dates when exactly one date format fits them all; else None."""
    readings = (tuple(takewhile(bool, map(partial(_date, form), values))) for form in DAYS)
    fitting = {days for days in readings if len(days) == len(values)}
    # None fits, or day and month could be either.
    return TypedValues(ColumnType.DATE, fitting.pop()) if len(fitting) == 1 else None


def _split_unit(values: Sequence[str]) -> tuple[str, list[str]]:
    """Returns the sign that all values begin or end with, and the values without it."""
    for unit in _UNITS:
        if all(value.startswith(unit) or value.endswith(unit) for value in values):
            return unit, [value.removeprefix(unit).removesuffix(unit).strip() for value in values]
    return "", list(values)


def _are_codes(values: Sequence[str]) -> bool:
    """Returns whether digits are a code rather than a quantity."""
    digits = [value for value in values if value.isdigit()]
    if any(len(value) > _LONGEST_NUMBER for value in digits):
        return True
    one_length = len(digits) == len(values) and len({len(value) for value in digits}) == 1
    return one_length and len(digits) > 1 and len(digits[0]) >= _SHORTEST_CODE


def _are_versions(values: Sequence[str]) -> bool:
    """Returns whether values such as `3.9, 3.10` are versions: numbers would lose zeros and order.

    `2.0, 3.25` are numbers, because many programs write a whole number like this.
    """
    decimals = {len(value.partition(".")[2]) for value in values} - {0}
    return len(decimals) > 1 and any(re.search(r"\.[0-9]+0$", value) for value in values)


def _read(values: Sequence[str], pattern: re.Pattern[str], thousands: str) -> list[float] | None:
    if not all(map(pattern.fullmatch, values)):
        return None
    found = [re.sub(thousands, "", value).replace(",", ".") for value in values]
    if any(len(text.partition(".")[0].lstrip("-")) > _LONGEST_NUMBER for text in found):
        return None
    if all(map(_INTEGER.fullmatch, found)):
        return [int(text) for text in found]
    return [float(text) for text in found]


def _date(pattern: re.Pattern[str], text: str) -> str:
    match = None if text.isdigit() else pattern.fullmatch(text)
    day = match and day_of(match.groupdict())
    return day.isoformat() if day else ""


_MISSING = frozenset({"-", "–", "—", "n/a", "na", "n.a.", "null", "none", "nan"})
"""Words for "no value", in a column of numbers, dates or truth values."""

_LARGEST_INTEGER = 2**63
_LARGEST_EXACT = 2**53


def type_column(cells: Sequence[Cell], *, name: str, decimal_comma: bool) -> TypedValues:
    """Converts the cells of one column to the one type that fits them all, else to text."""
    known = [cell for cell in cells if cell is not None and not _is_missing(cell)]
    texts = [cell for cell in known if isinstance(cell, str)]
    found = None
    if len(texts) < len(known):
        found = _type_native(known)
    elif texts:
        found = (
            _dates(texts) or _booleans(texts) or _numbers(texts, name, decimal_comma=decimal_comma)
        )
    if found is None:
        written = [c if c is None or isinstance(c, str) else format_cell(c) for c in cells]
        return TypedValues(ColumnType.TEXT, written)
    values = iter(found.values)
    placed = [None if c is None or _is_missing(c) else next(values) for c in cells]
    return replace(found, values=placed)


def _type_native(known: Sequence[Cell]) -> TypedValues | None:
    """Types a workbook's own values when they are all of one kind; else return None."""
    kinds = {type(cell) for cell in known}
    if kinds == {bool}:
        return TypedValues(ColumnType.BOOLEAN, [int(cell is True) for cell in known])
    if kinds == {date}:
        return TypedValues(ColumnType.DATE, [format_cell(cell) for cell in known])
    if kinds == {Percent}:
        points = [cell.points for cell in known if isinstance(cell, Percent)]
        return TypedValues(ColumnType.REAL, points, _UNIT_NOTES["%"])
    return _type_numbers(known) if kinds <= {int, float} else None


def _type_numbers(known: Sequence[Cell]) -> TypedValues | None:
    found = [cell for cell in known if isinstance(cell, int | float)]
    if not all(map(math.isfinite, found)):
        return None
    if all(float(number).is_integer() and abs(number) < _LARGEST_INTEGER for number in found):
        return TypedValues(ColumnType.INTEGER, [int(number) for number in found])
    if any(isinstance(number, int) and abs(number) > _LARGEST_EXACT for number in found):
        return None
    return TypedValues(ColumnType.REAL, [float(number) for number in found])


def _is_missing(cell: Cell) -> bool:
    return isinstance(cell, str) and cell.casefold() in _MISSING
