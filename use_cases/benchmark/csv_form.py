"""A table as CSV (RFC 4180), exactly, and the digest of tables.

Promises: what is written is read as it was, whatever the texts are; a text that no UTF-8 file can hold is
refused, never replaced. Cells are quoted where any usual delimiter, a quotation mark or a line end
stands in them. Nothing guards against formulas (`=1+1`) in a spreadsheet: the apostrophe that would
guard changes the text, and exact texts are what a benchmark compares.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import merge
from itertools import chain, islice
from math import inf

from use_cases.benchmark.errors import TableHeaderInvalid, TableTextInvalid
from use_cases.benchmark.model import TableLayout, TextTable

_QUOTED = ',;\t|"\r\n\ufeff'  # the last one is a byte order mark where a file begins
_LINES = 100
"""The lines of a piece."""
_UNWRITABLE = re.compile("[\0\ud800-\udfff]")


def csv_text(
    table: TextTable, *, id_column: str | None = None, layout: TableLayout | None = None
) -> str:
    r"""Returns the table in CSV, see `csv_pieces`."""
    return "".join(csv_pieces(table, id_column=id_column, layout=layout))


def csv_pieces(
    table: TextTable, *, id_column: str | None = None, layout: TableLayout | None = None
) -> Iterator[str]:
    r"""Yields the table, piece by piece, in CSV with `\n` line ends; the ids of the rows as the first column where it
    is named.

    With the layout of its file the records that are no rows, and empty lines, stand where they stood, a row has as
    many cells as it had, or as it needs now, and byte order mark, delimiter, quotation marks and line ends are the
    file's, as is a missing one at its end.

    Raises `TableHeaderInvalid` where a column has that name, and `TableTextInvalid`.
    """
    if id_column in table.by_name:
        raise TableHeaderInvalid(
            f"The table has a column {id_column!r}, so the ids need another name."
        )
    columns = (table.ids, *table.values) if id_column is not None else table.values
    header = (id_column, *table.columns) if id_column is not None else table.columns
    layout = layout or TableLayout(header=header, aside={}, widths={})
    lines = _laid_out(table.ids, zip(*columns, strict=True), layout)
    if not layout.ended:
        lines = _without_last_end(lines, layout.line_end)
    while piece := "".join(islice(lines, _LINES)):
        if (not piece.isascii() or "\0" in piece) and (found := _UNWRITABLE.search(piece)):
            raise TableTextInvalid(f"A cell holds the character U+{ord(found[0]):04X}.")
        yield piece


def _laid_out(
    ids: Iterable[str], rows: Iterable[tuple[str, ...]], layout: TableLayout
) -> Iterator[str]:
    needs = f'{layout.delimiter}"\r\n\ufeff' if layout.bare else _QUOTED
    form = layout.delimiter, layout.line_end, needs
    yield "\ufeff" * layout.mark
    names = dict.fromkeys(range(len(layout.header)), True) if layout.quoted_header else {}
    lines = chain(
        _lines(layout.above, *form),
        _lines([layout.header] if layout.header else [], *form, names),
        _lines(_records(ids, rows, layout), *form, layout.quoted),
    )
    if not layout.blank:
        yield from lines
        return
    first = len(layout.above) + bool(layout.header)
    numbers = (first + number - 1 for number in merge(map(int, ids), sorted(layout.aside)))
    blank = sorted(layout.blank, reverse=True)
    for place, line in zip(chain(range(first), numbers, [inf]), chain(lines, [""]), strict=True):
        while blank and blank[-1] <= place:
            yield layout.line_end * layout.blank[blank.pop()]
        yield line


def _without_last_end(lines: Iterable[str], line_end: str) -> Iterator[str]:
    last = ""
    for line in filter(None, lines):
        yield last
        last = line
    yield last.removesuffix(line_end)


def _records(
    ids: Iterable[str], rows: Iterable[tuple[str, ...]], layout: TableLayout
) -> Iterator[tuple[str, ...]]:
    if not layout.aside and not layout.widths:
        yield from rows
        return
    waiting = sorted(layout.aside)
    for row, cells in zip(ids, rows, strict=True):
        while waiting and waiting[0] < int(row):
            yield layout.aside[waiting.pop(0)]
        if row in layout.widths:
            width = layout.widths[row]
            filled = max((at for at, cell in enumerate(cells, 1) if cell), default=0)
            cells = cells[: max(width, filled)] + ("",) * (width - len(cells))
        yield cells
    yield from (layout.aside[number] for number in waiting)


def digest(*tables: TextTable) -> str:
    """Returns the SHA-256 of the tables' columns, ids and cells, in hexadecimal."""
    state = hashlib.sha256()
    for table in tables:
        lines = _lines([("", *table.columns), *zip(table.ids, *table.values, strict=True)])
        text = "".join(lines).encode("utf-8", "surrogatepass")
        state.update(len(text).to_bytes(8))
        state.update(text)
    return state.hexdigest()


def _lines(
    rows: Iterable[tuple[str, ...]],
    delimiter: str = ",",
    line_end: str = "\n",
    needs: str = _QUOTED,
    quoted: Mapping[int, bool] | None = None,
) -> Iterator[str]:
    every, needing = iter(rows), re.compile(f"[{re.escape(needs)}]")
    while some := list(islice(every, _LINES)):
        text = "".join(chain.from_iterable(some))
        if quoted or any(sign in text for sign in needs):
            some = [_with_marks(row, needing, quoted or {}) for row in some]
        for cells in some:
            yield (delimiter.join(cells) or '""') + line_end  # an empty line is no row


def _with_marks(
    row: Sequence[str], needing: re.Pattern[str], quoted: Mapping[int, bool]
) -> Sequence[str]:
    cells = [_quoted(cell) if needing.search(cell) else cell for cell in row]
    for at, empty in quoted.items():
        if at < len(row) and cells[at] is row[at] and (row[at] or empty):
            cells[at] = _quoted(row[at])
    return cells


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'
