"""Applies edits to a table, each only where its old value is the cell's value.

Promises: an edit that does not fit the table changes nothing and is returned with the reason; no cell is
edited twice; what was changed is returned cell by cell, so that it can be reviewed and scored.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from use_cases.benchmark.model import CellAddress, Edit, EditKind, TextTable


@dataclass(frozen=True, slots=True)
class RejectedEdit:
    """An edit that was not applied, and why, in a few words."""

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
    wanted, removed, rejected = dict[CellAddress, Edit](), dict[str, Edit](), list[RejectedEdit]()
    for edit in edits:
        if edit.kind in (EditKind.DELETE, EditKind.MERGE):
            why = _remove(dirty, edit, removed)
        else:
            why = _change(dirty, edit, wanted)
        if why:
            rejected.append(RejectedEdit(edit, why))
    cells = {at: edit for at, edit in wanted.items() if at[0] not in removed}
    changed = {at: edit.new or "" for at, edit in cells.items()}
    table = dirty.with_cells(changed).without_rows(frozenset(removed))
    return AppliedEdits(table=table, cells=cells, removed=removed, rejected=rejected)


def _change(dirty: TextTable, edit: Edit, cells: dict[CellAddress, Edit]) -> str:
    """Notes the cells that an edit changes; the reason where there are none."""
    column, old = edit.column, edit.old
    if column is None or old is None or edit.new is None:
        return "incomplete"
    if column not in dirty.by_name:
        return "no such column"
    if old == edit.new:
        return "the new text is the old one"
    rows, why = edit.rows, ""
    if edit.kind is EditKind.MAP:
        rows = [dirty.ids[place] for place in dirty.by_name[column].places_of({old})]
        why = "" if rows else "the old text is not there"
    elif len(rows) != 1:
        why = "incomplete"
    elif rows[0] not in dirty.place_of:
        why = "no such row"
    elif dirty.cell(rows[0], column) != old:
        why = "the old text is not there"
    free = [] if why else [(row, column) for row in rows if (row, column) not in cells]
    cells.update(dict.fromkeys(free, edit))
    return why or ("" if free else "edited by another edit")


def _remove(dirty: TextTable, edit: Edit, removed: dict[str, Edit]) -> str:
    """Notes the rows that an edit removes; the reason where it cannot."""
    merged = edit.kind is EditKind.MERGE
    if len(edit.rows) < 1 + merged:
        return "incomplete"
    if any(row not in dirty.place_of for row in edit.rows):
        return "no such row"
    if edit.old is not None and edit.old != row_text(dirty, edit.rows[-1]):
        return "the old text is not there"
    going = [row for row in edit.rows[merged:] if row not in removed]
    if not going or (merged and edit.rows[0] in (*removed, *going)):
        return "edited by another edit"
    removed.update(dict.fromkeys(going, edit))
    return ""


def row_text(table: TextTable, row: str) -> str:
    """Returns the cells of a row as a JSON array: what an edit that removes the row has as `old`."""
    place = table.place_of[row]
    return json.dumps([column[place] for column in table.values], ensure_ascii=False)
