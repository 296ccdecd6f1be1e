"""Connections to the two databases, set up so that writers never trip over each other; the one way into them
is a function that runs whole within one transaction, in a thread.

A transaction that is awaited statement by statement gives the event loop a turn after each, and
keeps the one writer's place meanwhile: with many chats at once every writer then waits for what all
the others have to do besides. For the same reason readers and writers queue for threads, which go
from one transaction to the next by themselves, and not for a lock or a limiter that the event loop
hands on.

SQLite: WAL, foreign keys on, one writing connection that every writer of the process queues for,
each write transaction begun with BEGIN IMMEDIATE (a transaction that reads first and writes later
fails at once when another wrote in between, and no timeout helps), and a few connections that
only read. All are used from threads (see `threads`). PostgreSQL: one pool for all (see `Server`).
"""

import asyncio
import contextvars
import sqlite3
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Literal, Protocol, TypeAlias, TypeVar, cast

import anyio
import sqlalchemy as sa
from anyio import to_thread
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import DBAPIError

from services.store.engine.errors import may_pass
from use_cases.kernel.check_server import process_name

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


class Threads:
    """Connections that are used from threads only: one that writes, `most` that read.

    `patience` is how many seconds a writer may queue.
    """

    def __init__(self, writer: sa.Engine, reader: sa.Engine, *, most: int, patience: float) -> None:
        self._writer = writer
        self._reader = reader
        self._patience = patience
        self._writing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store-writer")
        self._reading = ThreadPoolExecutor(max_workers=most, thread_name_prefix="store-reader")

    async def write(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Runs it in a write transaction: commits at the end, rolls back on an error.

        Raises `TimeoutError` when others wrote for too long before it. A caller that is cancelled in the
        queue writes nothing; later, the transaction comes to its end first.
        """
        latest = time.monotonic() + self._patience

        def run() -> Result:
            if time.monotonic() > latest:
                raise TimeoutError
            with self._writer.begin() as connection:
                return work(connection)

        return await _ended(self._writing.submit(contextvars.copy_context().run, run))

    async def read(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Runs it in a read transaction. A caller that is cancelled in the queue reads nothing; later,
        the transaction comes to its end first.
        """

        def run() -> Result:
            with self._reader.connect() as connection:
                return work(connection)

        return await _ended(self._reading.submit(contextvars.copy_context().run, run))

    async def dispose(self) -> None:
        """Closes every connection, also when the caller is cancelled."""
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(self._close)

    def _close(self) -> None:
        self._writing.shutdown()
        self._reading.shutdown()
        self._reader.dispose()
        self._writer.dispose()


async def _ended(running: Future[Result]) -> Result:
    """Returns its result once it is over, also when a caller is cancelled meanwhile."""
    over = asyncio.wrap_future(running)
    try:
        return await asyncio.shield(over)
    except asyncio.CancelledError:
        if not running.cancel():
            with anyio.CancelScope(shield=True):
                await asyncio.wait([over])
        raise


Synchronous: TypeAlias = Literal["NORMAL", "FULL"]
"""NORMAL: a commit survives the death of the process. FULL: also the loss of power."""

_READERS = 4
_SERVER_CONNECTIONS = 8
_COUNTED = "candor_counted"
_SERVER_AWAY = 10.0
"""Seconds for which a server that starts anew, or fails over, is waited for."""
_AGAIN, _RARELY = 0.05, 1.0
"""Seconds between two tries: at first, and at most."""
_IDLE_SECONDS = 60
"""Within one transaction; then its process hangs, and its locks would keep every other waiting."""


class _Several(BaseException):
    """A read needs a transaction. No `Exception`, so that nothing within the read takes it for its own."""


class _Statements:
    """Counts what a read runs. Raises `_Several` `alone`, where that is more than one statement that reads."""

    def __init__(self, *, alone: bool) -> None:
        self._alone = alone
        self._count = 0
        self._reads = True

    def add(self, statement: str) -> None:
        self._count += 1
        self._reads = self._reads and statement.lstrip().startswith(("SELECT", "WITH"))
        if self._alone and not self.fit_alone:
            raise _Several

    @property
    def fit_alone(self) -> bool:
        """Whether no transaction is needed."""
        return self._count <= 1 and self._reads


def _count_statement(
    connection: sa.Connection, _cursor: object, statement: str, *_: object
) -> None:
    counted = cast("_Statements | None", connection.get_execution_options().get(_COUNTED))
    if counted is not None:
        counted.add(statement)


class Server:
    """A pool of connections to a PostgreSQL server.

    A read sees one state. One statement does so by itself; a second one is run in a REPEATABLE READ transaction,
    together with the first. So the way of a read is that of its last run, and no BEGIN and ROLLBACK is sent for
    one statement. What waits for a lock, or does nothing within a transaction, is ended.

    What fails because the connection or the server is gone, or because of another transaction, is run again for
    some seconds, unless a commit was sent: whether that one came through is not known.
    """

    def __init__(self, server: sa.URL, *, busy_timeout: float) -> None:
        """Raises `ModuleNotFoundError` when its driver is not installed. Connects to nothing yet."""
        # Here, not at the top: an import that a file needs nothing of.
        from sqlalchemy.ext.asyncio import create_async_engine

        self._engine = create_async_engine(
            server,
            pool_size=_SERVER_CONNECTIONS,
            max_overflow=0,
            pool_timeout=busy_timeout,
            connect_args=_bounds(server, busy_timeout),
            # Else each new connection asks for a type that we do not have.
            **({} if server.get_driver_name() == "asyncpg" else {"use_native_hstore": False}),
        )
        event.listen(self._engine.sync_engine, "before_cursor_execute", _count_statement)
        self._patience = min(busy_timeout, _SERVER_AWAY)
        self._reached = False
        self._several: set[object] = set()

    async def read(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Runs it in a read transaction: one consistent state, however many statements. It may be run twice."""
        code = getattr(work, "__code__", None)
        if code not in self._several:
            try:
                return (await self._patiently(lambda: self._read(work, alone=True)))[0]
            except _Several:
                self._several.add(code)
        result, fits_alone = await self._patiently(lambda: self._read(work, alone=False))
        if fits_alone:
            self._several.discard(code)
        return result

    async def write(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Runs it in a write transaction: commits at the end, rolls back on an error."""
        committing = False

        async def run() -> Result:
            nonlocal committing
            async with self._engine.connect() as connection:
                result = await connection.run_sync(work)
                committing = True
                await connection.commit()
            return result

        return await self._patiently(run, lambda: not committing)

    async def dispose(self) -> None:
        """Closes every connection."""
        await self._engine.dispose()

    async def _read(
        self, work: Callable[[sa.Connection], Result], *, alone: bool
    ) -> tuple[Result, bool]:
        """Returns also whether it fits alone. Raises `_Several`."""
        counted = _Statements(alone=alone)
        level = "AUTOCOMMIT" if alone else "REPEATABLE READ"
        async with self._engine.connect() as connection:
            await connection.execution_options(
                isolation_level=level, postgresql_readonly=True, **{_COUNTED: counted}
            )
            result = await connection.run_sync(work)
            if not alone:
                await connection.commit()  # after a rollback psycopg forgets what it has prepared
            return result, counted.fit_alone

    async def _patiently(
        self, run: Callable[[], Awaitable[Result]], safe: Callable[[], bool] = lambda: True
    ) -> Result:
        """Runs it again while the server is away, once it was reached."""
        latest, pause = time.monotonic() + self._patience, _AGAIN
        while True:
            try:
                result = await run()
            except (DBAPIError, ConnectionError) as error:
                late = time.monotonic() + pause > latest
                if not (self._reached and safe() and may_pass(error)) or late:
                    raise
            else:
                self._reached = True
                return result
            await anyio.sleep(pause)
            pause = min(2 * pause, _RARELY)


def _bounds(server: sa.URL, busy_timeout: float) -> Mapping[str, object]:
    """Returns what a connection is opened with, so that nothing waits for a lock without an end."""
    bounds = {
        "lock_timeout": f"{round(busy_timeout * 1000)}",
        "idle_in_transaction_session_timeout": f"{_IDLE_SECONDS * 1000}",
        "application_name": process_name(),
    }
    if server.get_driver_name() == "asyncpg":
        return {"server_settings": bounds}
    return {"options": " ".join(f"-c {name}={value}" for name, value in bounds.items())}


def sqlite_threads(file: Path, *, synchronous: Synchronous, busy_timeout: float) -> Threads:
    """Connections to one file; `busy_timeout` in seconds. Connects to nothing yet."""
    writing = (
        "PRAGMA journal_mode=WAL",
        f"PRAGMA synchronous={synchronous}",
        "PRAGMA foreign_keys=ON",
    )
    return Threads(
        writer=_sqlite(_path(file), writing, "BEGIN IMMEDIATE", 1, busy_timeout),
        reader=_sqlite(_path(file), ("PRAGMA query_only=ON",), "BEGIN", _READERS, busy_timeout),
        most=_READERS,
        patience=busy_timeout,
    )


def sqlite_probe(file: Path, *, busy_timeout: float) -> sa.Engine:
    """Makes an engine of one connection that leaves the file as it is, for a first look.

    An ordinary connection that only reads may still write: the last one to close moves what a
    killed process left in the `-wal` file into the database.
    """
    query = {"mode": "ro", "uri": "true"}
    url = sa.URL.create("sqlite", database=file.absolute().as_uri(), query=query)
    return _sqlite(url, (), "BEGIN", 1, busy_timeout)


def sqlite_migrator(file: Path, *, busy_timeout: float) -> sa.Engine:
    """Makes an engine of one connection for migrations: durable, and with foreign keys off.

    Off, because SQLite changes a table by making a new one and dropping the old, and the drop
    would delete every row that refers to it (https://sqlite.org/lang_altertable.html, section 7).
    """
    pragmas = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=OFF")
    return _sqlite(_path(file), pragmas, "BEGIN IMMEDIATE", 1, busy_timeout)


def _path(file: Path) -> sa.URL:
    return sa.URL.create("sqlite", database=str(file))


def _sqlite(
    url: sa.URL, pragmas: Sequence[str], begin: str, connections: int, busy_timeout: float
) -> sa.Engine:
    engine = sa.create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=busy_timeout,
        # No isolation level: the driver begins nothing by itself, `_set_up` does.
        connect_args={"timeout": busy_timeout, "isolation_level": None},
    )
    _set_up(engine, pragmas, begin)
    return engine


def _set_up(engine: sa.Engine, pragmas: Sequence[str], begin: str) -> None:
    def connected(connection: DBAPIConnection, _record: object) -> None:
        try:
            cursor = connection.cursor()
            for pragma in pragmas:
                _run_patiently(cursor, pragma)
            cursor.close()
        except BaseException:
            connection.close()
            raise

    def begun(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)


def _run_patiently(cursor: DBAPICursor, pragma: str) -> None:
    """Runs a pragma; waits while another connection uses the file.

    The pragma that begins a write-ahead log does not wait by itself: of two processes that open a
    new file at once, one would fail. `BEGIN EXCLUSIVE` waits, as long as the timeout allows.
    """
    while True:
        try:
            cursor.execute(pragma)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            cursor.execute("BEGIN EXCLUSIVE")
            cursor.execute("ROLLBACK")
        else:
            return
