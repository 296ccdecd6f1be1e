"""Reads rows that a model returned as CSV, as edits of the rows that it was given.

Promises: rows are matched by their ids and columns by their names; a cell that was shown cut is no
change. Raises `ModelMisbehaved` for a text that is no table, or lacks columns.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from use_cases.benchmark.contestants.column_profiles import cut
from use_cases.benchmark.model import Edit, EditKind, Table
from use_cases.kernel.errors import ModelMisbehaved

_MARKUP = "```"


def differences(table: Table, rows: Sequence[str], text: str) -> Sequence[Edit]:
    """Return the edits that make of `rows` what the text says: cells, and rows that it left out.

    A row that the table does not have is an edit of that row, which no guard lets pass; of a row that is
    returned twice the first counts.
    """
    lines = [line for line in text.strip().split("\n") if not line.startswith(_MARKUP)]
    try:
        header, *found = csv.reader(io.StringIO("\n".join(lines), newline=""), strict=True)
    except (csv.Error, ValueError):
        raise ModelMisbehaved("The returned table is no CSV.") from None
    lacking = [name for name in table.columns if name not in header[1:]]
    if lacking:
        raise ModelMisbehaved(f"The returned table lacks the column {lacking[0][:60]!r}.")
    if any(len(cells) != len(header) for cells in found):
        raise ModelMisbehaved("A row of the returned table has too few cells, or too many.")
    returned = {cells[0]: dict(zip(header[1:], cells[1:], strict=True)) for cells in found[::-1]}
    if not returned.keys() & set(rows):
        raise ModelMisbehaved("The returned table has none of the rows.")
    gone = [Edit(kind=EditKind.DELETE, rows=(row,)) for row in rows if row not in returned]
    unknown = [
        Edit(kind=EditKind.CELL, rows=(row,)) for row in returned.keys() - table.place_of.keys()
    ]
    changed = [
        edit for row in rows if row in returned for edit in _changes(table, row, returned[row])
    ]
    return [*changed, *gone, *unknown]


def _changes(table: Table, row: str, returned: Mapping[str, str]) -> Iterator[Edit]:
    for name in table.columns:
        old, new = table.cell(row, name), returned[name]
        if new not in (old, cut(old)):
            yield Edit(kind=EditKind.CELL, rows=(row,), column=name, old=old, new=new)
