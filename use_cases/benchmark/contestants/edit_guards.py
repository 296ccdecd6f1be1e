"""Guards: what a model may not do to a part of a table, however it was talked into it.

Promises: a part loses no more than a small share of its rows, close doubles of rows that stay apart;
rows are merged only where they look alike; a column is not emptied. What is held back is returned with the
reason. An edit for rows or columns outside of the part changes nothing. Leaves to others: whether `old`
fits (`use_cases.benchmark.edits`).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeAlias

from use_cases.benchmark.edits import RejectedEdit
from use_cases.benchmark.model import Edit, EditKind, Table
from use_cases.benchmark.scoring.cell_equality import is_missing

MOST_REMOVED = 0.1
"""The share of a part's rows that deletions and merges may remove, doubles apart; one is allowed."""
MOST_ERASED = 0.1
"""The share of a column's cells in a part whose values may be replaced by nothing; one is allowed.
Markers of missing values do not count."""
LEAST_ALIKE = 0.5
"""The share of cells, missing ones apart, in which rows that are merged agree."""
DOUBLE = 0.8
"""The share of cells in which a row agrees with its double."""

Guarded: TypeAlias = tuple[Sequence[Edit], Sequence[RejectedEdit]]
"""The edits that may be tried, and those that are held back."""


def guard_rows(table: Table, rows: Sequence[str], edits: Iterable[Edit]) -> Guarded:
    """Guard a chunk of rows. A map is one of these rows alone: the model has not seen the others."""
    inside = frozenset(rows)
    kept, rejected = list[Edit](), list[RejectedEdit]()
    for edit in (cell for each in edits for cell in _cells_of_map(table, rows, each)):
        if edit.kind is EditKind.MAP:
            rejected.append(_no_cell(table, edit))
        elif not inside.issuperset(edit.rows):
            rejected.append(RejectedEdit(edit, "no_row"))
        elif edit.kind is EditKind.MERGE and any(
            _likeness(table, edit.rows[0], row) < LEAST_ALIKE for row in edit.rows[1:]
        ):
            rejected.append(RejectedEdit(edit, "rows_differ"))
        else:
            kept.append(edit)
    unlike = _removed_without_double(table, rows, kept)
    if len(unlike) > max(1, MOST_REMOVED * len(rows)):
        kept = _hold_back(
            kept, rejected, "too_many_rows", lambda one: not unlike.isdisjoint(_removed(one))
        )
    erased = Counter(edit.column for edit in kept if _erases(edit))
    return _without_erasure(kept, rejected, erased, len(rows))


def guard_values(table: Table, edits: Iterable[Edit]) -> Guarded:
    """Guard the value maps of columns. Other edits name rows that the model has not seen."""
    kept, rejected = list[Edit](), list[RejectedEdit]()
    for edit in edits:
        if edit.kind is EditKind.MAP:
            kept.append(edit)
        else:
            rejected.append(RejectedEdit(edit, "no_row" if edit.rows else "incomplete"))
    erased = Counter[str | None]()
    for edit in kept:
        if edit.column is not None and edit.column in table.by_name and _erases(edit):
            erased[edit.column] += table.by_name[edit.column].count(edit.old or "")
    return _without_erasure(kept, rejected, erased, len(table.ids))


def _without_erasure(
    edits: Sequence[Edit], rejected: list[RejectedEdit], erased: Counter[str | None], rows: int
) -> Guarded:
    emptied = {name for name, count in erased.items() if count > max(1, MOST_ERASED * rows)}
    kept = _hold_back(
        edits, rejected, "erases_column", lambda one: one.column in emptied and _erases(one)
    )
    return kept, rejected


def _hold_back(
    edits: Iterable[Edit],
    rejected: list[RejectedEdit],
    why: str,
    is_bad: Callable[[Edit], bool],
) -> list[Edit]:
    kept = list[Edit]()
    for edit in edits:
        if is_bad(edit):
            rejected.append(RejectedEdit(edit, why))
        else:
            kept.append(edit)
    return kept


def _erases(edit: Edit) -> bool:
    new = edit.new or ""
    says_nothing = is_missing(new) or new.strip().lower() == "unknown"
    return edit.column is not None and says_nothing and not is_missing(edit.old or "")


def _removed(edit: Edit) -> Sequence[str]:
    match edit.kind:
        case EditKind.DELETE:
            return edit.rows
        case EditKind.MERGE:
            return edit.rows[1:]
        case _:
            return ()


def _removed_without_double(
    table: Table, rows: Sequence[str], edits: Iterable[Edit]
) -> frozenset[str]:
    """The rows that edits remove while no double of them stays in the part."""
    gone = {row for edit in edits for row in _removed(edit)}
    staying = [row for row in rows if row not in gone]
    return frozenset(
        row for row in gone if not any(_likeness(table, other, row) >= DOUBLE for other in staying)
    )


def _cells_of_map(table: Table, rows: Sequence[str], edit: Edit) -> Sequence[Edit]:
    """A map as edits of the cells among these rows; itself where there are none."""
    name = edit.column
    if edit.kind is not EditKind.MAP or name is None or name not in table.by_name:
        return (edit,)
    found = [row for row in rows if table.cell(row, name) == edit.old]
    return [replace(edit, kind=EditKind.CELL, rows=(row,)) for row in found] or (edit,)


def _no_cell(table: Table, edit: Edit) -> RejectedEdit:
    return RejectedEdit(edit, "old_differs" if edit.column in table.by_name else "no_column")


def _likeness(table: Table, one: str, other: str) -> float:
    """The share of the cells that both rows have in which they agree; case is ignored."""
    both = [
        a == b
        for a, b in zip(_texts(table, one), _texts(table, other), strict=True)
        if not (is_missing(a) or is_missing(b))
    ]
    return sum(both) / len(both) if both else 0.0


def _texts(table: Table, row: str) -> Sequence[str]:
    place = table.place_of[row]
    return [column[place].strip().casefold() for column in table.values]
