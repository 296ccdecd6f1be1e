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
        """Compiles, and runs up to the first row, with the values of its `:names`."""
        ...

    def get_description(self) -> Sequence[tuple[str, str | None]]:
        """Returns the name and declared type of each column."""
        ...

    def fetchall(self) -> list[Row]:
        """Returns all remaining rows."""
        ...

    def close(self, force: bool, /) -> None:
        """Ends the statement, even in the middle."""
        ...

    def __iter__(self) -> Iterator[Row]: ...


class Driver(Protocol):
    """The used part of `apsw.Connection`."""

    authorizer: Authorizer | None

    def execute(self, statements: str, /) -> Cursor:
        """Runs trusted statements."""
        ...

    def cursor(self) -> Cursor:
        """Returns a new cursor."""
        ...

    def limit(self, number: int, value: int, /) -> int:
        """Sets one of SQLite's limits; returns the previous value."""
        ...

    def set_progress_handler(self, handler: Callable[[], bool] | None, steps: int = 100, /) -> None:
        """Calls the handler every `steps` steps; true stops the statement."""
        ...

    def create_scalar_function(
        self, name: str, function: Callable[..., Value], arguments: int, /, *, deterministic: bool
    ) -> None:
        """Defines a SQL function, or replaces SQLite's own of that name."""
        ...

    def close(self, force: bool = False, /) -> None:
        """Closes the connection."""
        ...
