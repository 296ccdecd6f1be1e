"""The one way into the database: a function that runs whole within one transaction."""

from collections.abc import Callable
from typing import Protocol, TypeVar

import sqlalchemy as sa

Result = TypeVar("Result")


class Access(Protocol):
    """Reads and writes in short transactions. Never call a model or another service within one."""

    async def read(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Runs it in a read transaction: one consistent state, however many statements."""
        ...

    async def write(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Runs it in a write transaction: waits for its turn, commits at the end, rolls back on an
        error. A caller that is cancelled meanwhile does not know which of the two it was.
        """
        ...


class Connections(Access, Protocol):
    """The connections of an open store."""

    async def dispose(self) -> None:
        """Closes every connection."""
        ...
