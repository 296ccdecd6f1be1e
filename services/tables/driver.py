"""The used part of apsw as protocols, with SQLite's names for values.

apsw annotates its values with a type that Python 3.11 lacks, so a type checker knows nothing of
them; connections are cast to these protocols where they are opened.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol, TypeAlias

Value: TypeAlias = str | int | float | bytes | None
Row: TypeAlias = tuple[Value, ...]
Authorizer: TypeAlias = Callable[[int, str | None, str | None, str | None, str | None], int]


class Cursor(Protocol):
    """One run of a statement; iteration yields its rows."""

    exec_trace: "Callable[[Cursor, str, object], bool] | None"

    @property
    def is_explain(self) -> int:
        """1 for EXPLAIN, 2 for EXPLAIN QUERY PLAN, else 0."""
        ...

    @property
    def is_readonly(self) -> bool:
        """True if the statement writes nothing."""
        ...

    @property
    def has_vdbe(self) -> bool:
        """True if the text contains a statement, not only comments."""
        ...

    def execute(self, statements: str, bindings: Mapping[str, Value] | None = None, /) -> object:
        """Compile, and run up to the first row, with the values of its `:names`."""
        ...

    def get_description(self) -> Sequence[tuple[str, str | None]]:
        """Return the name and declared type of each column."""
        ...

    def fetchall(self) -> list[Row]:
        """Return all remaining rows."""
        ...

    def close(self, force: bool, /) -> None:
        """End the statement, even in the middle."""
        ...

    def __iter__(self) -> Iterator[Row]: ...


class Driver(Protocol):
    """The used part of `apsw.Connection`."""

    authorizer: Authorizer | None

    def execute(self, statements: str, /) -> Cursor:
        """Run trusted statements."""
        ...

    def cursor(self) -> Cursor:
        """Return a new cursor."""
        ...

    def limit(self, number: int, value: int, /) -> int:
        """Set one of SQLite's limits; return the previous value."""
        ...

    def set_progress_handler(self, handler: Callable[[], bool] | None, steps: int = 100, /) -> None:
        """Call the handler every `steps` steps; true stops the statement."""
        ...

    def create_scalar_function(
        self, name: str, function: Callable[..., Value], arguments: int, /, *, deterministic: bool
    ) -> None:
        """Define a SQL function, or replace SQLite's own of that name."""
        ...

    def close(self, force: bool = False, /) -> None:
        """Close the connection."""
        ...
