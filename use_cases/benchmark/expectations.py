"""What a good table is like, learnt from one, and what of another table differs: a check for a pipeline.

Promises: a good table keeps what is learnt from it; a learnt range is wider than the table's own by its span. The
file is JSON, to be edited by hand.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

from pydantic import ConfigDict, TypeAdapter, with_config

from use_cases.benchmark.contestants.value_forms import shape
from use_cases.benchmark.model import ErrorKind, Finding, TableSchema, TextTable, ValueKind
from use_cases.benchmark.scoring.cell_equality import is_missing, parse_date, parse_number, strict

_FEW_VALUES = 20
_TIMES = 5
_CODES = 20
_SIGNS = {"9": r"\d", "A": "[A-Z]", "a": "[a-z]"}
_COMMA_FOR_POINT = str.maketrans(".,", ",.")
_STRICT = ConfigDict(extra="forbid")


@with_config(_STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedColumn:
    """Expectations of a column: numbers or days, no missing value, none twice, a range, a pattern that whole
    values match, and the only values there are. What is not set is not expected.
    """

    kind: ValueKind | None = None
    required: bool = False
    unique: bool = False
    least: float | None = None
    most: float | None = None
    pattern: str = ""
    values: Sequence[str] = ()


@with_config(_STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Expectations:
    """Expectations of a table. Of `references` every value of the first column occurs in the second. `odd_rows` is
    what rows that are not as the others may be, such as totals: see `TableLayout.odd`.
    """

    columns: Mapping[str, ExpectedColumn]
    references: Sequence[tuple[str, str]] = field(default=())
    odd_rows: Sequence[str] = ()


EXPECTATIONS: TypeAdapter[Expectations] = TypeAdapter(Expectations)
"""Reads and writes the file."""


def learn_expectations(
    table: TextTable, schema: TableSchema, odd_rows: Iterable[str] = ()
) -> Expectations:
    """Returns what a good table keeps, and `odd_rows` of its file."""
    columns = {
        name: _learnt(cells, keyed=(name,) == schema.key) for name, cells in table.by_name.items()
    }
    return Expectations(
        columns=columns, references=schema.references, odd_rows=sorted(set(odd_rows))
    )


def _learnt(cells: Sequence[str], *, keyed: bool) -> ExpectedColumn:
    counts = Counter(cell for cell in cells if not is_missing(cell))
    found = [each for each in map(_number_reader(counts), counts) if each is not None]
    kind = least = most = None
    shapes = {shape(cell) for cell in counts}
    padded = any(cell[0] == "0" and cell[1:2].isdecimal() for cell in counts)
    coded = len(shapes) == 1 and any(map(str.isdecimal, min(shapes)))
    unique = bool(counts) and max(counts.values()) == 1
    if counts and len(found) == len(counts) and not padded:
        kind, low, high = ValueKind.NUMBER, min(found), max(found)
        least, most = (max(0.0, 2 * low - high) if low >= 0 else 2 * low - high), 2 * high - low
    elif counts and all(parse_date(strict(cell)) for cell in counts):
        kind = ValueKind.DATE
    few = len(counts) <= _FEW_VALUES and counts.total() >= _TIMES * len(counts)
    return ExpectedColumn(
        kind=kind,
        required=counts.total() == len(cells),
        unique=unique and (keyed or (kind is None and coded and len(counts) >= _CODES)),
        least=least,
        most=most,
        pattern=_pattern(min(shapes)) if coded and kind is None else "",
        values=sorted(counts) if few and kind is None and not coded else (),
    )


def _pattern(shaped: str) -> str:
    return "".join(_SIGNS.get(sign) or re.escape(sign) for sign in shaped)


def broken_expectations(table: TextTable, expected: Expectations) -> Iterator[Finding]:
    """Yields the cells that are not as expected, and the columns that are missing."""
    for name, column in expected.columns.items():
        cells = table.by_name.get(name)
        if cells is None:
            yield Finding("", name, "", ErrorKind.OTHER, f"There is no column {name}.")
            continue
        counts = Counter(cells)
        read = _number_reader(counts)
        found = {
            cell: next(_faults(cell, read(cell), count, column), None)
            for cell, count in counts.items()
        }
        for row, cell in zip(table.ids, cells, strict=True):
            if fault := found[cell]:
                yield Finding(row, name, cell, *fault)
    for left, right in expected.references:
        known = frozenset(table.by_name.get(right, ()))
        for row, cell in zip(table.ids, table.by_name.get(left, ()), strict=False):
            if cell not in known and not is_missing(cell):
                said = f"{right} has no {cell!r}."
                yield Finding(row, left, cell, ErrorKind.BROKEN_REFERENCE, said)


def _number_reader(cells: Collection[str]) -> Callable[[str], float | None]:
    """Returns what reads the numbers of a column: with a decimal point, or with a comma where more of its cells,
    of which some have one, are numbers so.
    """

    def with_point(cell: str) -> float | None:
        return parse_number(strict(cell))

    def with_comma(cell: str) -> float | None:
        return parse_number(strict(cell).translate(_COMMA_FOR_POINT))

    ways = (with_point, with_comma) if any("," in cell for cell in cells) else (with_point,)
    return max(ways, key=lambda read: sum(read(cell) is not None for cell in cells))


def _faults(
    cell: str, number: float | None, count: int, column: ExpectedColumn
) -> Iterator[tuple[ErrorKind, str]]:
    """Yields what is wrong with a cell that occurs so often, and may be a number."""
    if is_missing(cell):
        if column.required:
            yield ErrorKind.EXPLICIT_MISSING, "A value is required."
        return
    if column.kind is ValueKind.NUMBER and number is None:
        yield ErrorKind.FORMAT_VARIANT, "It is no number."
    if column.kind is ValueKind.DATE and parse_date(strict(cell)) is None:
        yield ErrorKind.FORMAT_VARIANT, "It is no day, or can be read as two."
    if number is not None and number < (-inf if column.least is None else column.least):
        yield ErrorKind.OUTLIER, f"The least is {column.least:g}."
    if number is not None and number > (inf if column.most is None else column.most):
        yield ErrorKind.OUTLIER, f"The most is {column.most:g}."
    if column.pattern and not re.fullmatch(column.pattern, cell):
        yield ErrorKind.FORMAT_VARIANT, f"It does not match {column.pattern}."
    if column.values and cell not in column.values:
        yield ErrorKind.OTHER, "It is none of the values that there are."
    if column.unique and count > 1:
        yield ErrorKind.CONFLICTING_DUPLICATE, f"It is there {count} times."
