"""Connections to the two databases, set up so that writers never trip over each other.

SQLite: WAL, foreign keys on, one writing connection that every writer of the process queues for,
each write transaction begun with BEGIN IMMEDIATE (a transaction that reads first and writes later
fails at once when another wrote in between, and no timeout helps), and a few connections that
only read. They exist twice: for transactions that are awaited statement by statement, and for
whole ones that run in a thread (see `threads`). PostgreSQL: one pool for all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, TypedDict

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from services.store.engine.threads import Threads

Synchronous: TypeAlias = Literal["NORMAL", "FULL"]
"""NORMAL: a commit survives the death of the process. FULL: also the loss of power."""

_READERS = 4
_SERVER_CONNECTIONS = 8


@dataclass(frozen=True, slots=True)
class Engines:
    """The connections of an open store; writer and reader may be one.

    `threads` is there where whole transactions run in threads.
    """

    writer: AsyncEngine
    reader: AsyncEngine
    threads: Threads | None = None

    async def dispose(self) -> None:
        """Close every connection."""
        await self.reader.dispose()
        await self.writer.dispose()
        if self.threads is not None:
            await self.threads.dispose()


def sqlite_engines(file: Path, *, synchronous: Synchronous, busy_timeout: float) -> Engines:
    """Connections to one file; `busy_timeout` in seconds. Connects to nothing yet."""
    pragmas = (
        "PRAGMA journal_mode=WAL",
        f"PRAGMA synchronous={synchronous}",
        "PRAGMA foreign_keys=ON",
    )
    reading = ("PRAGMA query_only=ON",)
    url = URL.create("sqlite", database=str(file))
    writer = create_engine(url, **_pool(1, busy_timeout))
    reader = create_engine(url, **_pool(_READERS, busy_timeout))
    _set_up(writer, pragmas, "BEGIN IMMEDIATE")
    _set_up(reader, reading, "BEGIN")
    return Engines(
        writer=_sqlite(_writing(file), pragmas, "BEGIN IMMEDIATE", 1, busy_timeout),
        reader=_sqlite(_writing(file), reading, "BEGIN", _READERS, busy_timeout),
        threads=Threads(writer, reader, most=_READERS, patience=busy_timeout),
    )


def sqlite_probe(file: Path, *, busy_timeout: float) -> AsyncEngine:
    """One connection that leaves the file as it is, for a first look.

    An ordinary connection that only reads may still write: the last one to close moves what a
    killed process left in the `-wal` file into the database.
    """
    return _sqlite(_reading(file), (), "BEGIN", 1, busy_timeout)


def sqlite_migrator(file: Path, *, busy_timeout: float) -> AsyncEngine:
    """One connection for migrations: durable, and with foreign keys off.

    Off, because SQLite changes a table by making a new one and dropping the old, and the drop
    would delete every row that refers to it (https://sqlite.org/lang_altertable.html, section 7).
    """
    pragmas = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=OFF")
    return _sqlite(_writing(file), pragmas, "BEGIN IMMEDIATE", 1, busy_timeout)


def postgresql_engines(server: URL, *, busy_timeout: float) -> Engines:
    """Connections to a server. Raises `ModuleNotFoundError` when its driver is not installed."""
    engine = create_async_engine(
        server,
        pool_size=_SERVER_CONNECTIONS,
        max_overflow=0,
        pool_timeout=busy_timeout,
        pool_pre_ping=True,
    )
    return Engines(writer=engine, reader=engine)


def _writing(file: Path) -> URL:
    return URL.create("sqlite+aiosqlite", database=str(file))


def _reading(file: Path) -> URL:
    query = {"mode": "ro", "uri": "true"}
    return URL.create("sqlite+aiosqlite", database=file.absolute().as_uri(), query=query)


def _sqlite(
    url: URL, pragmas: Sequence[str], begin: str, connections: int, busy_timeout: float
) -> AsyncEngine:
    engine = create_async_engine(url, **_pool(connections, busy_timeout))
    _set_up(engine.sync_engine, pragmas, begin)
    return engine


class _Pool(TypedDict):
    pool_size: int
    max_overflow: int
    pool_timeout: float
    connect_args: dict[str, float | None]


def _pool(connections: int, busy_timeout: float) -> _Pool:
    return _Pool(
        pool_size=connections,
        max_overflow=0,
        pool_timeout=busy_timeout,
        # No isolation level: the driver begins nothing by itself, `_set_up` does.
        connect_args={"timeout": busy_timeout, "isolation_level": None},
    )


def _set_up(engine: Engine, pragmas: Sequence[str], begin: str) -> None:
    def connected(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
