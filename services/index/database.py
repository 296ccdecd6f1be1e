"""The file of a knowledge database: its connections, its transactions, its errors.

Promises: `read` and `write` run a function in a worker thread, inside a transaction, so the event
loop never waits for the disk and every reader sees one state. Writers queue in this process and
begin with `BEGIN IMMEDIATE`, so they wait for other processes instead of failing in the middle.
Every committed write raises the generation, by which caches in all processes detect that they are
stale. A read-only file is opened for reading, where SQLite can. A file that was deleted or replaced
since it was opened is neither read nor written: `StorageGone`.
Leaves to others: the contents.
"""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import anyio
import anyio.to_thread
import apsw

from services.index import schema
from services.index.connection import Connection, translate_errors
from use_cases.kernel.errors import StorageGone, StorageReadOnly

T = TypeVar("T")
_READERS = 4


class KnowledgeDatabase:
    """The connections to `path`; the file and its folder are created by the first write.

    Until then, reads see an empty database and create nothing. `tables` creates the tables that this
    collection has beside those of every one.
    """

    def __init__(self, path: Path, tables: str = "") -> None:
        self.path = path
        self._tables = tables
        self._opening = threading.Lock()
        self._writer: Connection | None = None
        self._read_only = False
        self._uri = ""
        self._file: tuple[int, int] | None = None
        self._idle: list[Connection] = []
        self._reading = anyio.CapacityLimiter(_READERS)
        self._short_reading = anyio.CapacityLimiter(1)
        self._writing = anyio.CapacityLimiter(1)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on one consistent state of the file; return its result."""
        return await anyio.to_thread.run_sync(self._read, work, limiter=self._reading)

    async def read_short(self, work: Callable[[Connection], T]) -> T:
        """Read in a separate thread: for short work that must not wait for searches."""
        return await anyio.to_thread.run_sync(self._read, work, limiter=self._short_reading)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` and commit; return its result. An exception rolls everything back.

        Raises `StorageFull`, `StorageReadOnly`, `StorageBusy` or `StorageDamaged`.
        """
        return await anyio.to_thread.run_sync(self._write, work, limiter=self._writing)

    async def close(self) -> None:
        """Close all connections after running work; further use opens new ones."""
        with anyio.CancelScope(shield=True):
            async with self._writing:
                await anyio.to_thread.run_sync(self._close)

    def _read(self, work: Callable[[Connection], T]) -> T:
        with translate_errors(self.path):
            if self._writer is None and not self._read_only and not self.path.exists():
                return _read_empty(work, self._tables)
            self._ensure_open()
            self._require_file()
            connection = self._borrow()
            try:
                return _read_consistently(connection, work)
            finally:
                self._idle.append(connection)

    def _write(self, work: Callable[[Connection], T]) -> T:
        with translate_errors(self.path):
            self._ensure_open()
            if self._writer is None:
                raise StorageReadOnly(f"{self.path.name} cannot be written.")
            self._require_file()
            result = _transaction(self._writer, work)
            self._require_file()  # a write to a deleted file is not stored
            return result

    def _require_file(self) -> None:
        now = _file_identity(self.path)
        if now is None:
            raise StorageGone(f"{self.path.name} was deleted or moved while it was open.")
        if now != self._file:
            raise StorageGone(f"{self.path.name} was replaced by another file while it was open.")

    def _borrow(self) -> Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return Connection(self._uri, apsw.SQLITE_OPEN_READONLY)

    def _ensure_open(self) -> None:
        with self._opening:
            if self._writer is None and not self._read_only:
                self._open()
                self._file = _file_identity(self.path)

    def _open(self) -> None:
        self._uri = self.path.absolute().as_uri()
        if _is_writable(self.path):
            if self.path.exists():
                _require_own(self._uri)
            self._writer = _open_writer(self.path, self._uri, self._tables)
            return
        if not self.path.exists():
            raise StorageReadOnly(f"{self.path.name} cannot be created.")
        self._uri += _read_only_query(self.path)
        connection = Connection(self._uri, apsw.SQLITE_OPEN_READONLY)
        if schema.is_new(connection):
            raise StorageReadOnly(f"{self.path.name} is empty and cannot be written.")
        self._idle.append(connection)
        self._read_only = True

    def _close(self) -> None:
        with self._opening:
            while self._idle:
                self._idle.pop().close()
            if self._writer is not None:
                self._writer.close()
            self._writer, self._read_only = None, False


def _read_consistently(connection: Connection, work: Callable[[Connection], T]) -> T:
    connection.execute("BEGIN")
    try:
        return work(connection)
    finally:
        connection.execute("COMMIT")


def _read_empty(work: Callable[[Connection], T], tables: str) -> T:
    """Run `work` on an empty database in memory."""
    connection = Connection(":memory:", apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
    try:
        schema.create(connection, tables)
        return _read_consistently(connection, work)
    finally:
        connection.close()


def _transaction(connection: Connection, work: Callable[[Connection], T]) -> T:
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work(connection)
        connection.execute("UPDATE candor_meta SET value = value + 1 WHERE key = 'generation'")
        connection.execute("COMMIT")
    except BaseException:
        # A full disk may have caused a rollback already.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result


def _require_own(uri: str) -> None:
    """Refuse a file of another program or version before a writing connection touches it.

    A writing connection that closes last would move what a killed process left in the write-ahead
    log into the file.
    """
    connection = Connection(uri, apsw.SQLITE_OPEN_READONLY)
    try:
        _read_consistently(connection, schema.is_new)
    finally:
        connection.close()


def _open_writer(path: Path, uri: str, tables: str) -> Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():  # only its owner may read it
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    connection = Connection(uri, apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
    try:
        if _read_consistently(connection, schema.is_new):
            connection.enter_wal()
            connection.execute("BEGIN IMMEDIATE")
            if schema.is_new(connection):  # another process may have been first
                schema.create(connection, tables)
            connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection


def _file_identity(path: Path) -> tuple[int, int] | None:
    """Return device and inode of the file at the path; None without a file."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino


def _is_writable(path: Path) -> bool:
    if path.exists():
        return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    parent = path.parent
    while not parent.exists() and parent != parent.parent:
        parent = parent.parent
    return os.access(parent, os.W_OK)


def _read_only_query(path: Path) -> str:
    # A reader of a write-ahead log needs to write beside it. Where it cannot, the file is opened
    # as immutable, but only if no log holds newer commits.
    log = path.with_name(f"{path.name}-wal")
    if os.access(path.parent, os.W_OK) or (log.exists() and log.stat().st_size):
        return "?mode=ro"
    return "?immutable=1"
