"""Applies edits to a table, each only where its old value is the cell's value.

Promises: an edit that does not fit the table changes nothing and is returned with the reason; no cell is
edited twice; what was changed is returned cell by cell, so that it can be reviewed and scored.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from use_cases.benchmark.model import CellAddress, Edit, EditKind, TextTable


@dataclass(frozen=True, slots=True)
class RejectedEdit:
    """An edit that was not applied, and why: one of `no_row`, `no_column`, `old_differs`, `no_change`,
    `edited_before`, `incomplete`.
    """

    edit: Edit
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedEdits:
    """The edited table. `cells` are the changed cells with the edit that changed them.

    `removed` are rows that were deleted, and those that were merged into another, with their edit.
    """

    table: TextTable
    cells: Mapping[CellAddress, Edit]
    removed: Mapping[str, Edit]
    rejected: Sequence[RejectedEdit]


def apply_edits(dirty: TextTable, edits: Iterable[Edit]) -> AppliedEdits:
    """Applies edits in their order. A cell of a row that is removed keeps no change."""
    editing = _Editing(dirty)
    for edit in edits:
        why = editing.apply(edit)
        if why:
            editing.rejected.append(RejectedEdit(edit, why))
    cells = {at: edit for at, edit in editing.cells.items() if at[0] not in editing.removed}
    changed = {at: edit.new or "" for at, edit in cells.items()}
    table = dirty.with_cells(changed).without_rows(frozenset(editing.removed))
    return AppliedEdits(
        table=table, cells=cells, removed=editing.removed, rejected=editing.rejected
    )


class _Editing:
    def __init__(self, dirty: TextTable) -> None:
        self._dirty = dirty
        self.cells: dict[CellAddress, Edit] = {}
        self.removed: dict[str, Edit] = {}
        self.rejected: list[RejectedEdit] = []

    def apply(self, edit: Edit) -> str:
        """Applies it; the reason where it cannot be."""
        if edit.kind in (EditKind.DELETE, EditKind.MERGE):
            return self._remove(edit)
        if edit.column is None or edit.old is None or edit.new is None:
            return "incomplete"
        if edit.column not in self._dirty.by_name:
            return "no_column"
        if edit.old == edit.new:
            return "no_change"
        rows, why = self._rows(edit, edit.column, edit.old)
        free = [(row, edit.column) for row in rows if (row, edit.column) not in self.cells]
        self.cells.update(dict.fromkeys(free, edit))
        return why or ("" if free else "edited_before")

    def _rows(self, edit: Edit, column: str, old: str) -> tuple[Sequence[str], str]:
        """Returns the rows whose cell the edit changes, or why there are none."""
        if edit.kind is EditKind.MAP:
            cells = self._dirty.by_name[column]
            rows = [self._dirty.ids[place] for place in cells.places_of({old})]
            return rows, "" if rows else "old_differs"
        if len(edit.rows) != 1:
            return (), "incomplete"
        if edit.rows[0] not in self._dirty.place_of:
            return (), "no_row"
        fits = self._dirty.cell(edit.rows[0], column) == old
        return (edit.rows, "") if fits else ((), "old_differs")

    def _remove(self, edit: Edit) -> str:
        merged = edit.kind is EditKind.MERGE
        if len(edit.rows) < 1 + merged:
            return "incomplete"
        if any(row not in self._dirty.place_of for row in edit.rows):
            return "no_row"
        going = [row for row in edit.rows[merged:] if row not in self.removed]
        if not going or (merged and edit.rows[0] in (*self.removed, *going)):
            return "edited_before"
        self.removed.update(dict.fromkeys(going, edit))
        return ""
