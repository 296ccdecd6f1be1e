"""Lays the dirty table, the truth and an output side by side, cell by cell.

Promises: rows meet by id and columns by name, never by position; a row or a column that one of the three
lacks has `MISSING` in its cells, so that a dropped row, an invented one and a removed duplicate are
scored as all other cells are; what was dropped, invented, added or renamed is counted. Leaves to others:
ids for an output without any (`find_row_ids.py`), and the comparison of cells (`cell_outcomes.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from use_cases.benchmark.model import MISSING, Table, TableColumn

_REPEATED = "\x00repeated"

RowsMatchedBy: TypeAlias = Literal["id", "key", "similarity"]
Columns: TypeAlias = tuple[TableColumn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChanges:
    """What an output did to rows and columns.

    `rows_matched_by` says how its rows were found, `realigned` that it was by what they hold.
    `dropped_rows` are rows of the truth that it lacks, `removed_duplicates` added rows of the dirty
    table that it lacks, `invented_rows` rows that no other table has, among them `repeated_ids`, all
    but the first of rows with one id. `stand_ins` are duplicates that were kept in place of their
    original. An added column is scored nowhere, a missing one is an edit of all its cells.
    """

    rows_matched_by: RowsMatchedBy = "id"
    realigned: bool = False
    dropped_rows: int = 0
    removed_duplicates: int = 0
    invented_rows: int = 0
    repeated_ids: int = 0
    stand_ins: int = 0
    added_columns: tuple[str, ...] = ()
    missing_columns: tuple[str, ...] = ()
    renamed_columns: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class AlignedTables:
    """Three tables with the same `rows` and `columns`; cells that a table lacks are `MISSING`.

    The rows are those of the dirty table, then those of the truth alone, then invented ones. The columns
    are those that both the dirty table and the truth have. `named_output` is the whole output with the
    names of the truth.
    """

    columns: tuple[str, ...]
    rows: tuple[str, ...]
    dirty: Columns
    clean: Columns
    output: Columns
    named_output: Table
    changes: TableChanges


def align_tables(
    dirty: Table,
    clean: Table,
    output: Table,
    *,
    duplicates: Mapping[str, str] | None = None,
    renames: Mapping[str, str] | None = None,
    rows_matched_by: RowsMatchedBy = "id",
) -> AlignedTables:
    """Align three tables by the ids of their rows and the names of their columns.

    `duplicates` maps an added row of the dirty table to its original: where the output kept the
    duplicate alone, it stands in for the original. `renames` maps a column to its name in the output,
    as it was claimed; without a claim a renamed column is a missing one and an added one.
    Raises `ValueError` where the dirty table and the truth have no column in common.
    """
    columns = tuple(name for name in clean.columns if name in dirty.by_name)
    if not columns:
        raise ValueError("The dirty table and the truth have no column in common.")
    output, honoured = _rename_back(output, renames or {})
    stands_for = _stand_ins(output, duplicates or {})
    if stands_for:
        output = replace(output, ids=tuple(stands_for.get(row, row) for row in output.ids))
    rows = _all_rows(dirty, clean, output)
    known = dirty.place_of.keys() | clean.place_of.keys()
    return AlignedTables(
        columns=columns,
        rows=rows,
        dirty=_cells(dirty, columns, rows),
        clean=_cells(clean, columns, rows),
        output=_cells(output, columns, rows),
        named_output=output,
        changes=TableChanges(
            rows_matched_by=rows_matched_by,
            realigned=rows_matched_by == "similarity",
            dropped_rows=len(clean.place_of.keys() - output.place_of.keys()),
            removed_duplicates=len(
                dirty.place_of.keys() - clean.place_of.keys() - output.place_of.keys()
            ),
            invented_rows=len(output.place_of.keys() - known),
            repeated_ids=sum(_REPEATED in row for row in output.ids),
            stand_ins=len(stands_for),
            added_columns=tuple(
                name for name in output.columns if name not in {*columns, *dirty.columns}
            ),
            missing_columns=tuple(name for name in columns if name not in output.by_name),
            renamed_columns=honoured,
        ),
    )


def unique_ids(ids: Iterable[str]) -> tuple[str, ...]:
    """The ids of an output's rows, each once: all but the first of one id get a new one each.

    No other table has the new ids, so those rows are invented ones.
    """
    seen: dict[str, int] = {}
    found: list[str] = []
    for row in ids:
        seen[row] = seen.get(row, 0) + 1
        found.append(row if seen[row] == 1 else f"{row}{_REPEATED}{seen[row]}")
    return tuple(found)


def _rename_back(output: Table, renames: Mapping[str, str]) -> tuple[Table, Mapping[str, str]]:
    """The output with the truth's names, and the renames that were so."""
    honoured = {
        old: new
        for old, new in renames.items()
        if new in output.by_name and old not in output.by_name
    }
    former = {new: old for old, new in honoured.items()}
    if len(former) < len(honoured):  # two columns cannot have become one
        honoured = {old: new for new, old in former.items()}
    if not former:
        return output, honoured
    return replace(output, columns=tuple(former.get(n, n) for n in output.columns)), honoured


def _stand_ins(output: Table, duplicates: Mapping[str, str]) -> Mapping[str, str]:
    """Duplicates that the output kept while it dropped their original: the first of each."""
    found: dict[str, str] = {}
    for duplicate, original in duplicates.items():
        if original not in output.place_of and duplicate in output.place_of:
            found.setdefault(original, duplicate)
    return {duplicate: original for original, duplicate in found.items()}


def _all_rows(dirty: Table, clean: Table, output: Table) -> tuple[str, ...]:
    if clean.ids == dirty.ids == output.ids:
        return dirty.ids
    return tuple(dict.fromkeys((*dirty.ids, *clean.ids, *output.ids)))


def _cells(table: Table, columns: Sequence[str], rows: tuple[str, ...]) -> Columns:
    if table.ids == rows:
        absent = (MISSING,) * len(rows)
        return tuple(table.by_name.get(name, absent) for name in columns)
    places = [table.place_of.get(row, -1) for row in rows]
    absent = (MISSING,) * len(table.ids)
    return tuple(
        # The place -1 is that of the last cell, which is the missing one.
        tuple(map((*table.by_name.get(name, absent), MISSING).__getitem__, places))
        for name in columns
    )
