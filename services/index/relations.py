"""The port to a database of knowledge: what `sqlite/` and `postgresql/` give, and the queries of both use.

A statement that both databases understand has named places (`:name`); `IN :name` takes a list.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar

Value: TypeAlias = str | int | float | bytes | None
Row: TypeAlias = tuple[Value, ...]
Named: TypeAlias = Mapping[str, Value | Sequence[Value]]

T = TypeVar("T")


class Relations(Protocol):
    """One transaction."""

    def execute(self, sql: str, values: Named = ..., /) -> None:
        """Runs one statement (or several, without values)."""
        ...

    def execute_many(self, sql: str, rows: Iterable[Named], /) -> None:
        """Runs one statement once for each row of values."""
        ...

    def rows(self, sql: str, values: Named = ..., /) -> list[Row]:
        """Returns all rows of one query."""
        ...

    def value(self, sql: str, values: Named = ..., /) -> Value:
        """Returns the first column of the first row; None when there is no row."""
        ...

    def number(self, sql: str, values: Named = ..., /) -> int:
        """Returns a count or an id; 0 when there is no row."""
        ...


C = TypeVar("C", bound=Relations)
"""The transaction of one database."""
C_contra = TypeVar("C_contra", bound=Relations, contravariant=True)
C_co = TypeVar("C_co", bound=Relations, covariant=True)


class Database(Protocol[C_co]):
    """Transactions, each run in a worker thread."""

    async def read(self, work: Callable[[C_co], T]) -> T:
        """Runs `work` on one consistent state; returns its result."""
        ...

    async def read_short(self, work: Callable[[C_co], T]) -> T:
        """Reads in a separate thread: for short work that must not wait for searches."""
        ...

    async def write(self, work: Callable[[C_co], T]) -> T:
        """Runs `work` and commits; returns its result. An exception rolls everything back."""
        ...


@dataclass(frozen=True, slots=True)
class Among:
    """Some passages: a query for their ids, with its values by name."""

    sql: str
    values: Named
