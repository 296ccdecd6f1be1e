"""The port `StructuredData` over the tables of a knowledge database, on connections that do not trust its schema.

Each is opened read-only on the knowledge database, with SQLite's defensive switches on.
Leaves to others: the objects a query may read (`authorizer.py`), its resources (`query_limits.py`).

Promises: no statement changes anything, reads anything but loaded tables, or takes much more than
its limits (see docs/explanation/read-only-sql.md); callers take turns; `tables` waits for no query;
the next call sees tables loaded or removed meanwhile, also by another process.
Leaves to others: loading.
"""

import os
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

import anyio
import anyio.to_thread
import apsw

from services.tables.catalogue import Catalogue, read_catalogue
from services.tables.driver import Driver
from services.tables.functions import replace_quadratic_functions
from services.tables.query_limits import QueryLimits
from services.tables.query_run import run_query
from use_cases.kernel.errors import (
    QueryFailed,
    StorageBusy,
    StorageDamaged,
    StorageGone,
    TooManyQueries,
    Unavailable,
)
from use_cases.kernel.fair_limiter import SERVER, FairLimiter
from use_cases.kernel.model import Caller, Rows, Scalar, Table
from use_cases.kernel.ports import StructuredData
from use_cases.kernel.runs.surroundings import completed

_BUSY_MILLISECONDS = 2000
_DISABLED = (
    apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA,
    apsw.SQLITE_DBCONFIG_WRITABLE_SCHEMA,
    apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER,
    apsw.SQLITE_DBCONFIG_ENABLE_VIEW,
    apsw.SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER,
    apsw.SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION,
    apsw.SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE,
    apsw.SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE,
    # Otherwise a mistyped column in double quotes is a text, and the answer is silently wrong.
    apsw.SQLITE_DBCONFIG_DQS_DML,
    apsw.SQLITE_DBCONFIG_DQS_DDL,
)


def open_guarded(path: Path) -> Driver:
    """Opens a read-only connection. Raises apsw's errors when there is no database at `path`."""
    uri = path.absolute().as_uri() + _query(path)
    # Without a cache of statements, none prepared under one authorizer can run under another.
    connection = apsw.Connection(
        uri, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI, statementcachesize=0
    )
    connection.set_busy_timeout(_BUSY_MILLISECONDS)
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    for switch in _DISABLED:
        connection.config(switch, 0)
    driver = cast("Driver", connection)
    driver.execute(
        "PRAGMA query_only = 1; PRAGMA trusted_schema = 0; PRAGMA temp_store = MEMORY;"
        "PRAGMA cell_size_check = 1"
    )
    replace_quadratic_functions(driver)
    return driver


def file_identity(path: Path) -> tuple[int, int] | None:
    """Returns the identity of the file at the path, None without one; a replaced file has another."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return (found.st_dev, found.st_ino)


def _query(path: Path) -> str:
    # A reader of a write-ahead log needs to write beside it. Where it cannot, the file is opened
    # as immutable, but only if no log holds newer commits.
    log = path.with_name(f"{path.name}-wal")
    if os.access(path.parent, os.W_OK) or (log.exists() and log.stat().st_size):
        return "?mode=ro"
    return "?immutable=1"


T = TypeVar("T")
_DEFAULTS = QueryLimits()
_QUERIES_AT_ONCE = 4
_LISTINGS_AT_ONCE = 4


class GuardedTables:
    """Read-only SQL over the loaded tables of the file at `path`, which need not exist yet."""

    def __init__(
        self,
        path: Path,
        *,
        max_rows: int = _DEFAULTS.max_rows,
        max_bytes: int = _DEFAULTS.max_bytes,
        deadline_seconds: float = _DEFAULTS.deadline_seconds,
        max_memory_bytes: int = _DEFAULTS.max_memory_bytes,
        at_once: int = _QUERIES_AT_ONCE,
        most_per_caller: int = 0,
    ) -> None:
        """Runs at most `at_once` queries; `most_per_caller` of one caller run or wait, 0 is no limit."""
        self._path = path
        self._limits = QueryLimits(max_rows, max_bytes, deadline_seconds, max_memory_bytes)
        self._idle: list[_Reader] = []
        self._file: tuple[int, int] | None = None
        self._lock = threading.Lock()
        # At least one query ends within the deadline.
        self._turns = FairLimiter(
            at_once,
            most=most_per_caller,
            refusal=TooManyQueries,
            retry_after=deadline_seconds,
        )
        self._querying = anyio.CapacityLimiter(at_once)
        self._listing = anyio.CapacityLimiter(_LISTINGS_AT_ONCE)

    async def tables(self) -> Sequence[Table]:
        """Returns the loaded tables by name; none while there is no database."""
        return await self._run(_list_tables, self._listing) or ()

    def for_caller(self, caller: Caller) -> StructuredData:
        """Returns the tables for one caller, whose queries take turns with those of others."""
        return _CallerTables(self, caller.user_id)

    async def query(self, sql: str, parameters: Mapping[str, Scalar] | None = None) -> Rows:
        """Runs one read-only statement of the server itself. Raises the port's errors."""
        return await self.query_for(SERVER, sql, parameters)

    async def query_for(
        self, user_id: str, sql: str, parameters: Mapping[str, Scalar] | None
    ) -> Rows:
        """Runs one read-only statement when it is this user's turn. Raises the port's errors."""

        def work(reader: _Reader) -> Rows:
            return reader.query(sql, parameters, self._limits)

        async with self._turns.slot(user_id):
            # The turn lasts as long as the thread works, even after its caller has left.
            rows = await completed(self._run(work, self._querying))
        if rows is None:
            raise QueryFailed("No tables are loaded.", hint="Ingest a CSV, TSV or XLSX file first.")
        return rows

    async def close(self) -> None:
        """Closes all idle connections; further use opens new ones."""
        await anyio.to_thread.run_sync(self._close, limiter=self._listing)

    async def _run(
        self, work: "Callable[[_Reader], T]", limiter: anyio.CapacityLimiter
    ) -> T | None:
        """Returns the result of `work` from a worker thread; None if there is no database."""
        return await anyio.to_thread.run_sync(self._in_thread, work, limiter=limiter)

    def _in_thread(self, work: "Callable[[_Reader], T]") -> T | None:
        with _translate_errors(self._path):
            reader = self._borrow()
            if reader is None:
                return None
            try:
                with reader.snapshot():
                    return work(reader)
            finally:
                self._release(reader)

    def _borrow(self) -> "_Reader | None":
        """Returns an idle connection to the file that the path names now, or a new one.

        None before there is a file. Raises `StorageGone` for a file that has disappeared.
        """
        file = file_identity(self._path)
        with self._lock:
            if file is None and self._file is not None:
                raise StorageGone(f"{self._path.name} was deleted or moved while it was open.")
            if file != self._file:
                self._drop_idle()
                self._file = file
            if self._idle:
                return self._idle.pop()
        return None if file is None else _Reader(self._path, file)

    def _release(self, reader: "_Reader") -> None:
        with self._lock:
            if reader.file == self._file:
                self._idle.append(reader)
                return
        reader.close()

    def _close(self) -> None:
        with self._lock:
            self._drop_idle()
            self._file = None

    def _drop_idle(self) -> None:
        while self._idle:
            self._idle.pop().close()


@dataclass(frozen=True, slots=True)
class _CallerTables:
    """The tables for one user."""

    shared: GuardedTables
    user_id: str

    async def tables(self) -> Sequence[Table]:
        return await self.shared.tables()

    def for_caller(self, caller: Caller) -> StructuredData:
        return self.shared.for_caller(caller)

    async def query(self, sql: str, parameters: Mapping[str, Scalar] | None = None) -> Rows:
        return await self.shared.query_for(self.user_id, sql, parameters)


class _Reader:
    """A connection with the catalogue it read last, used by one thread at a time."""

    def __init__(self, path: Path, file: tuple[int, int]) -> None:
        self.file = file
        self._driver: Driver = open_guarded(path)
        self._catalogue = Catalogue()
        self._data_version: object = None

    @contextmanager
    def snapshot(self) -> Generator[None, None, None]:
        """Reads from one state of the file inside the context."""
        self._driver.execute("BEGIN")
        try:
            yield
        finally:
            self._driver.execute("ROLLBACK")

    def catalogue(self) -> Catalogue:
        """Returns the catalogue; it is read again only after a change of the file."""
        version = self._driver.execute("PRAGMA data_version").fetchall()
        if version != self._data_version:
            self._catalogue = read_catalogue(self._driver)
            self._data_version = version
        return self._catalogue

    def query(self, sql: str, parameters: Mapping[str, Scalar] | None, limits: QueryLimits) -> Rows:
        return run_query(self._driver, sql, self.catalogue(), limits, parameters)

    def close(self) -> None:
        self._driver.close()


def _list_tables(reader: _Reader) -> Sequence[Table]:
    return reader.catalogue().tables


@contextmanager
def _translate_errors(path: Path) -> Generator[None, None, None]:
    """Translates errors of the file to Candor's inside the context."""
    try:
        yield
    except (apsw.BusyError, apsw.LockedError) as error:
        raise StorageBusy(f"Another process is writing {path.name}.") from error
    except (apsw.NotADBError, apsw.CorruptError, apsw.IOError) as error:
        damaged = StorageDamaged(f"{path.name} is damaged or not a database.")
        damaged.file = path.absolute()
        raise damaged from error
    except apsw.CantOpenError as error:
        raise Unavailable(f"{path.name} cannot be opened.") from error
