"""A naive cleaner, which looks at one column at a time.

It is on the leaderboard as a warning: it changes cells that are right, for an empty cell often is.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from use_cases.benchmark.model import Edit, EditKind, ErrorKind, Table, TableColumn, TableSchema
from use_cases.benchmark.scoring.cell_equality import is_missing


def fill_with_mode(table: Table, schema: TableSchema) -> Sequence[Edit]:
    """Replace every missing cell by the column's most frequent value, the first one of several."""
    del schema
    return [edit for name in table.columns for edit in _filled(name, table.by_name[name])]


def _filled(name: str, cells: TableColumn) -> Iterator[Edit]:
    counts = Counter(cells)
    missing = [value for value in counts if is_missing(value)]
    known = [(count, value) for value, count in counts.items() if not is_missing(value)]
    if not missing or not known:
        return
    count, mode = max(known, key=lambda pair: pair[0])
    reason = f"The cell is missing; {mode!r} is the most frequent value of {name} ({count} cells)."
    for value in missing:
        yield Edit(
            kind=EditKind.MAP,
            column=name,
            old=value,
            new=mode,
            error=ErrorKind.DISGUISED_MISSING if value.strip() else ErrorKind.EXPLICIT_MISSING,
            reason=reason,
        )
