"""Address of the store: a file (SQLite) or a server (PostgreSQL), read from one setting."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError

from use_cases.kernel.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class StoreFile:
    """An SQLite file."""

    path: Path

    @property
    def name(self) -> str:
        """The file as a message names it, which may go to a person who need not know the folder."""
        return self.path.name

    @property
    def file(self) -> Path:
        """Where it lies."""
        return self.path.absolute()


@dataclass(frozen=True, slots=True)
class StoreServer:
    """A PostgreSQL database."""

    url: sa.URL

    @property
    def name(self) -> str:
        """The database as a message names it: without user, password and host."""
        return f"The database {self.url.database!r}"

    @property
    def file(self) -> None:
        """It has none here."""


Address: TypeAlias = StoreFile | StoreServer


def parse_address(place: str | Path) -> Address:
    """Reads a path, `sqlite:///path`, or `postgresql://…` (`postgresql+psycopg` or `+asyncpg`).

    Raises `InvalidInput` for anything else, without repeating a text that may hold a password.
    """
    if isinstance(place, Path) or "://" not in place:
        return StoreFile(Path(place))
    try:
        url = sa.make_url(place)
    except (ArgumentError, ValueError) as error:
        raise InvalidInput("The database address is not a URL.", hint=_HINT) from error
    backend = url.get_backend_name()
    if backend == "postgresql":
        return StoreServer(url)
    if backend == "sqlite" and url.database and url.database != ":memory:":
        return StoreFile(Path(url.database))
    raise InvalidInput(f"No database can be kept at this {backend} address.", hint=_HINT)


_HINT = "Give a file's path, sqlite:///path, or postgresql://user:password@host/name."
