"""A table while it is being edited: steps read what earlier steps have made of it."""

from collections.abc import Sequence

from use_cases.benchmark.model import Edit, EditKind, ErrorKind, Table

_Address = tuple[int, str]


class DraftTable:
    """A dirty table and the changes of its cells so far. A later change of a cell replaces an earlier."""

    def __init__(self, dirty: Table) -> None:
        self._dirty = dirty
        self._changes: dict[_Address, tuple[str, ErrorKind, str]] = {}
        self.table = dirty
        """The table as of the last `commit`."""

    def change(self, place: int, column: str, new: str, error: ErrorKind, reason: str) -> None:
        """Change the cell of the row at a place; it is seen after the next `commit`."""
        self._changes[place, column] = new, error, reason

    def commit(self) -> bool:
        """Apply the changes; whether there were any since the last time."""
        before = self.table
        self.table = self._dirty.with_cells(
            {
                (self._dirty.ids[place], name): new
                for (place, name), (new, _, _) in self._changes.items()
            }
        )
        return before.values != self.table.values

    def edits(self) -> Sequence[Edit]:
        """One edit for each cell that differs from the dirty table."""
        return [
            Edit(
                kind=EditKind.CELL,
                rows=(self._dirty.ids[place],),
                column=column,
                old=self._dirty.by_name[column][place],
                new=new,
                error=error,
                reason=reason,
            )
            for (place, column), (new, error, reason) in self._changes.items()
            if new != self._dirty.by_name[column][place]
        ]
