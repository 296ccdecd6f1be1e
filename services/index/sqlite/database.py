"""The file of a knowledge database: its tables, its connections, its transactions, its errors.

Candor's own tables begin with `candor_`, so that loaded data tables can have every other name;
`loaded_tables` is their catalogue. The relations:

    candor_documents ─┬─ candor_versions    every version's text, the current one and older ones
                      ├─ candor_originals   uploaded bytes
                      ├─ candor_passages    spans of the current version
                      │    ├─ candor_fts        full text (contentless: the text itself is in versions)
                      │    ├─ candor_vectors    vec0, in whole numbers of 8 bits, once an embedder is known
                      │    ├─ candor_tokens     token vectors, once an embedder has made some
                      │    └─ candor_refused    those without a vector that are not tried again, if any
                      ├─ candor_uploaders   whose upload it is, if any was stored
                      ├─ candor_bits        the same vectors' signs, one row per document
                      └─ loaded_tables      and one real table for each row

Promises: `read` and `write` run a function in a worker thread, inside a transaction, so the event
loop never waits for the disk and every reader sees one state. Writers queue in this process and
begin with `BEGIN IMMEDIATE`, so they wait for other processes instead of failing in the middle.
Every committed write raises the generation, by which caches in all processes detect that they are
stale. A file of an older Candor is rewritten when it is opened. A read-only one is opened for reading,
where SQLite can. A file that was deleted or replaced
since it was opened is neither read nor written: `StorageGone`.
Leaves to others: the contents.
"""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import anyio
import anyio.to_thread
import apsw
from loguru import logger

from services.index import records
from services.index.relations import T
from services.index.sqlite.connection import Connection, translate_errors
from services.index.sqlite.vector_table import create_vectors, rewrite_vectors
from services.index.stems import STEMMED
from use_cases.kernel.errors import NewerDatabase, StorageDamaged, StorageGone, StorageReadOnly

VERSION = 3
"""1: vectors are floats. 2: documents have no families."""
_WHOLE = 2  # the first with vectors of whole numbers
_APPLICATION = 0x43_61_6E_64  # "Cand": distinguishes our files from other SQLite files

_FAMILY = """
ALTER TABLE candor_documents ADD COLUMN family TEXT;
CREATE INDEX candor_documents_by_family ON candor_documents (family)"""
_TABLES = f"""
CREATE TABLE candor_meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE candor_documents (
    number INTEGER PRIMARY KEY,
    document_id TEXT NOT NULL UNIQUE,
    uri TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    root TEXT NOT NULL,
    title TEXT NOT NULL,
    category TEXT NOT NULL,
    category_key TEXT NOT NULL,
    updated TEXT NOT NULL,
    date_origin TEXT NOT NULL,
    authority INTEGER NOT NULL,
    superseded_by TEXT,
    media_type TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    version_id INTEGER NOT NULL,
    characters INTEGER NOT NULL,
    ingested_at TEXT NOT NULL
);
CREATE INDEX candor_documents_by_name ON candor_documents (name, document_id);
{_FAMILY};
CREATE TABLE candor_versions (
    version_id INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES candor_documents (number) ON DELETE CASCADE,
    stored_at TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX candor_versions_by_document ON candor_versions (document);
CREATE TABLE candor_originals (
    document INTEGER PRIMARY KEY REFERENCES candor_documents (number) ON DELETE CASCADE,
    content BLOB NOT NULL
);
CREATE TABLE candor_passages (
    passage_id INTEGER PRIMARY KEY AUTOINCREMENT,
    document INTEGER NOT NULL REFERENCES candor_documents (number) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL,
    stop INTEGER NOT NULL,
    reading_start INTEGER NOT NULL,
    reading_stop INTEGER NOT NULL,
    section TEXT NOT NULL,
    page INTEGER
);
CREATE INDEX candor_passages_by_document ON candor_passages (document);
CREATE VIRTUAL TABLE candor_fts USING fts5(
    title, heading, body, category,
    content='', contentless_delete=1, tokenize='{" ".join(STEMMED)}'
);
CREATE VIRTUAL TABLE candor_vocabulary USING fts5vocab(candor_fts, row);
CREATE TABLE candor_bits (
    document INTEGER PRIMARY KEY REFERENCES candor_documents (number) ON DELETE CASCADE,
    category_key TEXT NOT NULL,
    passage_ids BLOB NOT NULL,
    bits BLOB NOT NULL
);
CREATE TABLE loaded_tables (
    name TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    document_id TEXT NOT NULL REFERENCES candor_documents (document_id) ON DELETE CASCADE,
    columns TEXT NOT NULL,
    row_count INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX loaded_tables_by_document ON loaded_tables (document_id);
INSERT INTO candor_meta VALUES ('generation', 0);
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {VERSION};
"""  # noqa: S608  (constants of this module)


def is_new(connection: Connection) -> bool:
    """Returns whether the file is still empty. Reads only.

    Raises `NewerDatabase` when a newer Candor wrote it, `StorageDamaged` when another program did.
    """
    version = connection.number("PRAGMA user_version")
    application = connection.number("PRAGMA application_id")
    if application == 0 and connection.value("SELECT count(*) FROM sqlite_schema") == 0:
        return True
    if application != _APPLICATION:
        raise StorageDamaged(
            "The file is a database of another program.",
            hint="Point the settings at another file. Nothing was changed.",
        )
    if version > VERSION:
        raise NewerDatabase(f"The knowledge database has version {version}; this one is {VERSION}.")
    return False


def _is_former(connection: Connection) -> bool:
    """Returns whether an older Candor wrote the file, in another form."""
    return connection.number("PRAGMA user_version") < VERSION


def create(connection: Connection, more: str = "") -> None:
    """Creates the tables, and those of `more`, inside the caller's transaction."""
    connection.execute(_TABLES + more)


def replace_vectors(connection: Connection, dimensions: int) -> None:
    """Drops all vectors; creates a new table for vectors of this length (0: none)."""
    connection.execute(
        "DROP TABLE IF EXISTS candor_vectors; DELETE FROM candor_bits;"
        "DROP TABLE IF EXISTS candor_tokens; DROP TABLE IF EXISTS candor_refused"
    )
    if dimensions:
        create_vectors(connection, dimensions)


def add_tokens_table(connection: Connection) -> None:
    """Creates the table of token vectors where there is none, as in files of an older Candor.

    An older Candor works with such a file, for passages take their token vectors with them.
    """
    connection.execute(
        "CREATE TABLE IF NOT EXISTS candor_tokens (passage_id INTEGER PRIMARY KEY"
        " REFERENCES candor_passages (passage_id) ON DELETE CASCADE, tokens BLOB NOT NULL)"
    )


def has_tokens_table(connection: Connection) -> bool:
    """Returns whether token vectors have ever been stored."""
    return _exists(connection, "candor_tokens")


def add_refused_table(connection: Connection) -> None:
    """Creates the table of refused passages where there is none, as `add_tokens_table` does."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS candor_refused (passage_id INTEGER PRIMARY KEY"
        " REFERENCES candor_passages (passage_id) ON DELETE CASCADE, document INTEGER NOT NULL);"
        "CREATE INDEX IF NOT EXISTS candor_refused_by_document ON candor_refused (document)"
    )


def refused_table(connection: Connection) -> str:
    """Returns the table of refused passages for a query; an empty one where none was refused."""
    if _exists(connection, "candor_refused"):
        return "candor_refused"
    return "(SELECT NULL AS passage_id, NULL AS document WHERE 0)"


def add_uploaders_table(connection: Connection) -> None:
    """Creates the table of uploaders where there is none, as `add_tokens_table` does."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS candor_uploaders (document INTEGER PRIMARY KEY"
        " REFERENCES candor_documents (number) ON DELETE CASCADE, user_id TEXT NOT NULL)"
    )


def uploaders_table(connection: Connection) -> str:
    """Returns the table of uploaders for a query; an empty one where nothing was uploaded."""
    if _exists(connection, "candor_uploaders"):
        return "candor_uploaders"
    return "(SELECT NULL AS document, NULL AS user_id WHERE 0)"


def _exists(connection: Connection, table: str) -> bool:
    return bool(connection.value("SELECT 1 FROM sqlite_schema WHERE name = ?", (table,)))


def passage_counts(connection: Connection) -> tuple[int, int]:
    """Counts the passages, and those that have a vector."""
    return (
        connection.number("SELECT count(*) FROM candor_passages"),
        connection.number("SELECT coalesce(sum(length(passage_ids) / 8), 0) FROM candor_bits"),
    )


def generation_of(connection: Connection) -> int:
    """Reads the generation, a number that every committed write raises."""
    return connection.number("SELECT value FROM candor_meta WHERE key = 'generation'")


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
        """Runs `work` on one consistent state of the file; returns its result."""
        return await anyio.to_thread.run_sync(self._read, work, limiter=self._reading)

    async def read_short(self, work: Callable[[Connection], T]) -> T:
        """Reads in a separate thread: for short work that must not wait for searches."""
        return await anyio.to_thread.run_sync(self._read, work, limiter=self._short_reading)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Runs `work` and commits; returns its result. An exception rolls everything back.

        Raises `StorageFull`, `StorageReadOnly`, `StorageBusy` or `StorageDamaged`.
        """
        return await anyio.to_thread.run_sync(self._write, work, limiter=self._writing)

    async def close(self) -> None:
        """Closes all connections after running work; further use opens new ones."""
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
        if is_new(connection):
            raise StorageReadOnly(f"{self.path.name} is empty and cannot be written.")
        if _is_former(connection):
            raise StorageReadOnly(
                f"{self.path.name} is of an older Candor and cannot be written.",
                hint="Open it once where it can be written, so that it is rewritten in today's form.",
            )
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
    """Runs `work` on an empty database in memory."""
    connection = Connection(":memory:", apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
    try:
        create(connection, tables)
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
    """Refuses a file of another program or version before a writing connection touches it.

    A writing connection that closes last would move what a killed process left in the write-ahead
    log into the file.
    """
    connection = Connection(uri, apsw.SQLITE_OPEN_READONLY)
    try:
        _read_consistently(connection, is_new)
    finally:
        connection.close()


def _open_writer(path: Path, uri: str, tables: str) -> Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():  # only its owner may read it
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    connection = Connection(uri, apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
    try:
        if _read_consistently(connection, is_new):
            connection.enter_wal()
            connection.execute("BEGIN IMMEDIATE")
            if is_new(connection):  # another process may have been first
                create(connection, tables)
            connection.execute("COMMIT")
        elif _is_former(connection):
            _rewrite(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _rewrite(connection: Connection, path: Path) -> None:
    """Rewrites a file of an older Candor in one transaction, and gives back the space where it can.

    A process that is killed meanwhile leaves the former file.
    """
    logger.info("bringing {} into the form of today", path.name)
    connection.execute("BEGIN IMMEDIATE")
    version = connection.number("PRAGMA user_version")
    if version < _WHOLE:
        rewrite_vectors(connection)
    if version < VERSION:  # else another process was first
        connection.execute(f"{_FAMILY}; PRAGMA user_version = {VERSION}")
        records.fill_families(connection)
    connection.execute("COMMIT")
    if version >= _WHOLE:
        return
    try:
        connection.execute("PRAGMA temp_store = FILE; VACUUM; PRAGMA temp_store = MEMORY")
    except (apsw.FullError, apsw.BusyError, apsw.LockedError) as error:
        logger.info("{} keeps the space that is free in it: {}", path.name, error)


def _file_identity(path: Path) -> tuple[int, int] | None:
    """Returns device and inode of the file at the path; None without a file."""
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
