"""Translates errors of the database drivers: one table, by code, for both databases.

SQLite codes: https://sqlite.org/rescode.html (the low byte, which all its variants share).
PostgreSQL: https://www.postgresql.org/docs/current/errcodes-appendix.html.
"""

import sqlite3
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from use_cases.kernel.errors import (
    StorageBusy,
    StorageDamaged,
    StorageFull,
    StorageReadOnly,
    Unavailable,
)

_FULL = (StorageFull, "No space is left for {name}.")
_READ_ONLY = (StorageReadOnly, "{name} cannot be written.")
_NOT_OPENED = (StorageReadOnly, "{name} cannot be opened for reading and writing.")
_BUSY = (StorageBusy, "{name} was locked for longer than the timeout.")
_DAMAGED = (StorageDamaged, "{name} is not a database, or is damaged.")
_DEVICE = (Unavailable, "The disk failed while {name} was read or written.")
_UNREACHABLE = (Unavailable, "")

_Meaning = tuple[type[Unavailable], str]

_SQLITE: Mapping[int, _Meaning] = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_AUTH: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: _NOT_OPENED,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_IOERR: _DEVICE,
}

_POSTGRESQL: Mapping[str, _Meaning] = {
    "53100": _FULL,
    "25006": _READ_ONLY,
    "42501": _READ_ONLY,
    "40001": _BUSY,
    "40P01": _BUSY,
    "53300": _BUSY,
    "55P03": _BUSY,
    "XX001": _DAMAGED,
    "XX002": _DAMAGED,
    "25P03": _UNREACHABLE,  # ended, because it did nothing within a transaction
    "28000": _UNREACHABLE,
    "28P01": _UNREACHABLE,
    "3D000": _UNREACHABLE,
    "57P01": _UNREACHABLE,
    "57P02": _UNREACHABLE,
    "57P03": _UNREACHABLE,
}


@contextmanager
def storage_errors(name: str, file: Path | None = None) -> Generator[None]:
    """Raises what the person can act on instead of the driver's error; `name` is the database's.

    `file` is what an error of a damaged file names, for a person at the machine.

    An error that means none of these (a broken constraint, our own wrong statement) goes through
    as it is.
    """
    try:
        yield
    except PoolTimeout as error:
        kind, sentence = _BUSY
        raise kind(sentence.format(name=name)) from error
    except (DBAPIError, sqlite3.Error) as error:
        meaning = _meaning(error)
        if meaning is None:
            raise
        if meaning is _UNREACHABLE:
            raise Unavailable.unreachable(name) from error
        kind, sentence = meaning
        raised = kind(sentence.format(name=name))
        if isinstance(raised, StorageDamaged):
            raised.file = file
        raise raised from error
    except ConnectionError as error:
        raise Unavailable.unreachable(name) from error


_PASSING = ("40001", "40P01", "53300", "57P01", "57P02", "57P03")
"""A conflict with another transaction, a server that gives no connection now, ends or begins."""


def may_pass(error: DBAPIError | ConnectionError) -> bool:
    """Returns whether the same may succeed a moment later on a PostgreSQL server."""
    if isinstance(error, ConnectionError) or error.connection_invalidated:
        return True
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state is None:  # the driver's own, such as of a connection that is refused
        return isinstance(error, OperationalError)
    return state in _PASSING or state.startswith("08")


def _meaning(error: DBAPIError | sqlite3.Error) -> _Meaning | None:
    if isinstance(error, sqlite3.Error):
        # An error that the driver itself raises has no code.
        code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        return _SQLITE.get(code & 0xFF)
    if isinstance(error.orig, sqlite3.Error):
        return _meaning(error.orig)
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state is None:  # the driver's own: of a connection, or of values that it cannot send
        state = "08" if isinstance(error, OperationalError) else ""
    if error.connection_invalidated or state.startswith("08"):
        return _UNREACHABLE
    return _POSTGRESQL.get(state)
