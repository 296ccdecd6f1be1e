"""Two naive cleaners, which look at one column at a time.

They are on the leaderboard as warnings: both change cells that are right. An empty cell is often right,
and a rare value is often a value.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from use_cases.benchmark.contestants.nearest_values import NearestValues
from use_cases.benchmark.model import Edit, EditKind, ErrorKind, Table, TableColumn, TableSchema
from use_cases.benchmark.scoring.cell_equality import is_missing

_RARE = 2
_FREQUENT = 5


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


def correct_spelling(table: Table, schema: TableSchema) -> Sequence[Edit]:
    """Replace a rare value by the frequent value of its column that is one or two edits away."""
    del schema
    return [edit for name in table.columns for edit in _spelled(name, table.by_name[name])]


def _spelled(name: str, cells: TableColumn) -> Iterator[Edit]:
    counts = Counter(cells)
    frequent = [value for value, count in counts.items() if count >= _FREQUENT]
    if not frequent:
        return
    nearest = NearestValues(value for value in frequent if not is_missing(value))
    for value, count in counts.items():
        if count > _RARE or is_missing(value) or value.strip().isdecimal():
            continue
        near = nearest.near(value)
        if len(near) == 1:
            yield Edit(
                kind=EditKind.MAP,
                column=name,
                old=value,
                new=near[0],
                error=ErrorKind.TYPO,
                reason=f"{value!r} is rare in {name} ({count}), {near[0]!r} is frequent ({counts[near[0]]}).",
            )
