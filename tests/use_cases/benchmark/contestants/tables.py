"""Small dirty tables, and what a contestant makes of them."""

from collections.abc import Mapping, Sequence

from use_cases.benchmark.edits import apply_edits
from use_cases.benchmark.model import CellAddress, Edit, TextTable


def table(**columns: Sequence[str]) -> TextTable:
    """A table with the rows 0, 1, 2 and so on."""
    rows = len(next(iter(columns.values())))
    return TextTable(
        tuple(columns), tuple(map(str, range(rows))), tuple(map(tuple, columns.values()))
    )


def changes(dirty: TextTable, edits: Sequence[Edit]) -> Mapping[CellAddress, str]:
    """The new values of the cells that the edits change. Every edit must apply, and have a reason."""
    done = apply_edits(dirty, edits)
    assert not done.rejected
    assert all(edit.reason for edit in edits)
    return {address: done.table.cell(*address) for address in done.cells}
