"""A SQLite connection with typed rows, the only place that uses the driver's own types; and its errors as Candor's.

apsw annotates its values with a type that Python 3.11 lacks, so a type checker knows nothing of
them; here they get SQLite's names.

Only errors of the storage itself are translated; a mistake in our own SQL passes through, so that
it is noticed. For an unexpected error a check of the file decides between the two: damage in the
pages that sqlite-vec reads, or in a stored value, comes as an ordinary error.
"""

import json
import re
import shutil
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TypeAlias, cast

import apsw
import sqlite_vec

from services.index.relations import Named, Row, Value
from use_cases.kernel.errors import (
    CandorError,
    StorageBusy,
    StorageDamaged,
    StorageFull,
    StorageReadOnly,
)

Values: TypeAlias = Sequence[Value] | Named

BUSY_MILLISECONDS = 5000
_MMAP_BYTES = 1 << 30


class Connection:
    """A connection with sqlite-vec loaded and the settings of a knowledge database."""

    def __init__(self, uri: str, flags: int) -> None:
        opened = apsw.Connection(uri, flags=flags | apsw.SQLITE_OPEN_URI)
        opened.set_busy_timeout(BUSY_MILLISECONDS)
        opened.enable_load_extension(True)
        opened.load_extension(sqlite_vec.loadable_path())
        opened.enable_load_extension(False)
        opened.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
        self._driver = cast("_Driver", opened)
        # Only readers map the file: an ingestion would map all its writes and seem to grow.
        mapped = _MMAP_BYTES if flags & apsw.SQLITE_OPEN_READONLY else 0
        self.execute(
            "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;"
            f"PRAGMA mmap_size = {mapped}"
        )

    @property
    def in_transaction(self) -> bool:
        """True if a transaction is open."""
        return self._driver.in_transaction

    def enter_wal(self) -> None:
        """Keeps a write-ahead log from now on; waits while another connection uses the file.

        The pragma itself does not wait: of two processes that open a new file at once, one would
        fail. `BEGIN EXCLUSIVE` waits, as long as the timeout allows.
        """
        while True:
            try:
                return self.execute("PRAGMA journal_mode = WAL")
            except apsw.BusyError:
                self.execute("BEGIN EXCLUSIVE; ROLLBACK")

    def execute(self, sql: str, values: Values = ()) -> None:
        """Runs one statement to its end (or several, without values)."""
        self._driver.execute(*_with_lists(sql, values)).fetchall()

    def execute_many(self, sql: str, rows: Iterable[Values]) -> None:
        """Runs one statement once for each row of values."""
        self._driver.executemany(sql, rows).fetchall()

    def rows(self, sql: str, values: Values = ()) -> list[Row]:
        """Returns all rows of one query."""
        return self._driver.execute(*_with_lists(sql, values)).fetchall()

    def value(self, sql: str, values: Values = ()) -> Value:
        """Returns the first column of the first row; None when there is no row."""
        row = self._driver.execute(*_with_lists(sql, values)).fetchone()
        return None if row is None else row[0]

    def number(self, sql: str, values: Values = ()) -> int:
        """Returns a count or an id; 0 when there is no row."""
        value = self.value(sql, values)
        return value if isinstance(value, int) else 0

    def pieces(
        self, table: str, column: str, places: Iterable[tuple[int, int]], length: int
    ) -> list[bytes]:
        """Reads `length` bytes of a stored value for each (rowid, offset), without the rest of it.

        Adjacent places of one row share one opening of the row.
        """
        found: list[bytes] = []
        blob: _Blob | None = None
        opened = 0
        for rowid, offset in places:
            if blob is None:
                blob = self._driver.blob_open("main", table, column, rowid, False)
            elif rowid != opened:
                blob.reopen(rowid)
            opened = rowid
            blob.seek(offset)
            found.append(blob.read(length))
        if blob is not None:
            blob.close()
        return found

    def close(self) -> None:
        """Closes the connection; later use raises."""
        self._driver.close()


_LIST = re.compile(r"\bIN :(\w+)")


def _with_lists(sql: str, values: Values) -> "tuple[str, Sequence[Value] | Mapping[str, Value]]":
    """Returns a statement and values as the driver takes them, which knows no lists."""
    if not isinstance(values, Mapping):
        return sql, values
    given = {
        name: json.dumps(value) if isinstance(value, list) else cast("Value", value)
        for name, value in values.items()
    }
    return _LIST.sub(r"IN (SELECT value FROM json_each(:\1))", sql), given


class _Cursor(Protocol):
    def fetchall(self) -> list[Row]: ...
    def fetchone(self) -> Row | None: ...


class _Blob(Protocol):
    def reopen(self, rowid: int, /) -> None: ...
    def seek(self, offset: int, /) -> None: ...
    def read(self, length: int, /) -> bytes: ...
    def close(self) -> None: ...


class _Driver(Protocol):
    @property
    def in_transaction(self) -> bool: ...
    def execute(self, statements: str, bindings: Values) -> _Cursor: ...
    def executemany(self, statements: str, sequenceofbindings: Iterable[Values]) -> _Cursor: ...
    def blob_open(
        self, database: str, table: str, column: str, rowid: int, writeable: bool, /
    ) -> _Blob: ...
    def close(self) -> None: ...


_SHARED_MEMORY_BYTES = 32_768  # the file that a first connection creates beside the database


@contextmanager
def translate_errors(path: Path) -> Generator[None, None, None]:
    """Translates storage errors to `StorageFull`, `-ReadOnly`, `-Busy` or `-Damaged` inside the
    context.
    """
    try:
        yield
    except apsw.FullError as error:
        raise StorageFull(f"The disk under {path.name} is full.") from error
    except (apsw.ReadOnlyError, apsw.PermissionsError) as error:
        raise StorageReadOnly(f"{path.name} cannot be written.") from error
    except apsw.CantOpenError as error:
        raise _cannot_open(path) from error
    except (apsw.BusyError, apsw.LockedError) as error:
        raise StorageBusy(f"Another process is writing {path.name}.") from error
    except (apsw.NotADBError, apsw.CorruptError) as error:
        raise _damaged(path, "is damaged or not a database") from error
    except OSError as error:
        raise StorageReadOnly(f"{path.name} cannot be opened: {error.strerror}.") from error
    except apsw.IOError as error:
        raise _cannot_be_used(path) from error
    except (apsw.SQLError, ValueError, TypeError) as error:
        _require_sound(path, error)
        raise


def _damaged(path: Path, what: str) -> StorageDamaged:
    error = StorageDamaged(f"{path.name} {what}.")
    error.file = path.absolute()
    return error


def _cannot_be_used(path: Path) -> CandorError:
    if _is_full(path):
        return StorageFull(f"The disk under {path.name} is full.")
    return _damaged(path, "cannot be read or written (I/O error)")


def _require_sound(path: Path, cause: Exception) -> None:
    """Raises `StorageDamaged` if damage of the file explains the error."""
    if not _is_sound(path):
        raise _damaged(path, "is damaged") from cause


def _is_sound(path: Path) -> bool:
    """Runs SQLite's own check, which reads the whole file and so runs only after an error."""
    try:
        connection = Connection(path.absolute().as_uri(), apsw.SQLITE_OPEN_READONLY)
        try:
            return connection.value("PRAGMA quick_check(1)") == "ok"
        finally:
            connection.close()
    except apsw.Error:
        return False


def _is_full(path: Path) -> bool:
    # Without room for the shared memory beside the file, SQLite reports an I/O error.
    try:
        return shutil.disk_usage(path.parent).free < _SHARED_MEMORY_BYTES
    except OSError:
        return False


def _cannot_open(path: Path) -> CandorError:
    if path.is_dir():
        return _damaged(path, "is a folder, not a database")
    if path.exists():
        return StorageReadOnly(f"{path.name} cannot be opened.")
    return StorageReadOnly(f"{path.name} cannot be created.")
