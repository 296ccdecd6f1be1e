"""The file under an SQLite store, as the file system sees it."""

import errno
from pathlib import Path

from use_cases.kernel.errors import StorageFull, StorageReadOnly


def make_place(path: Path) -> None:
    """Make the folder and, where there is none, an empty file; leave a file that exists as it is.

    Raises `StorageReadOnly` or `StorageFull`. What cannot be opened must be found out here: the
    driver's own failure to open leaves a thread behind that complains on the terminal.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("rb" if path.exists() else "ab"):
            pass
    except OSError as error:
        kind = StorageFull if error.errno == errno.ENOSPC else StorageReadOnly
        raise kind(f"{path.name} cannot be opened: {error.strerror}.") from error


def has_content(path: Path) -> bool:
    """Whether there is anything in the file yet."""
    return path.stat().st_size > 0
