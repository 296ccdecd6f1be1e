"""The translation of SQLite's storage errors to Candor's, with hints for the user.

Only errors of the storage itself are translated; a mistake in our own SQL passes through, so that
it is noticed. For an unexpected error a check of the file decides between the two: damage in the
pages that sqlite-vec reads, or in a stored value, comes as an ordinary error.
"""

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import apsw

from services.index.connection import Connection
from use_cases.kernel.errors import (
    CandorError,
    StorageBusy,
    StorageDamaged,
    StorageFull,
    StorageReadOnly,
)

_SHARED_MEMORY_BYTES = 32_768  # the file that a first connection creates beside the database


@contextmanager
def translate_errors(path: Path) -> Generator[None, None, None]:
    """Translate storage errors to `StorageFull`, `-ReadOnly`, `-Busy` or `-Damaged` inside the context."""
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
    """Raise `StorageDamaged` if damage of the file explains the error."""
    if not _is_sound(path):
        raise _damaged(path, "is damaged") from cause


def _is_sound(path: Path) -> bool:
    """Run SQLite's own check, which reads the whole file and so runs only after an error."""
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
