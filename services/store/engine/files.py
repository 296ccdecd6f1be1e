"""The file under an SQLite store, as the file system sees it."""

import errno
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from use_cases.kernel.errors import StorageFull, StorageGone, StorageReadOnly


@dataclass(frozen=True, slots=True)
class HeldFile:
    """The file that is open: the path it was opened by, its device and inode."""

    path: Path
    device: int
    inode: int

    @classmethod
    def at(cls, path: Path) -> Self:
        """Returns the file that lies at `path` now."""
        found = path.stat()
        return cls(path.absolute(), found.st_dev, found.st_ino)

    def require(self) -> None:
        """Raises `StorageGone` when the path names another file, or none. Takes microseconds."""
        try:
            found = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            raise StorageGone(f"{self.path.name} was deleted or moved while it was open.") from None
        if (found.st_dev, found.st_ino) != (self.device, self.inode):
            raise StorageGone(f"{self.path.name} was replaced by another file while it was open.")


def make_place(path: Path) -> None:
    """Makes the folder and, where there is none, an empty file; leaves a file that exists as it is.

    Only its owner may read what is made here.

    Raises `StorageReadOnly` or `StorageFull`. What cannot be opened must be found out here: the
    driver's own failure to open leaves a thread behind that complains on the terminal.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        with path.open("rb"):
            pass
    except OSError as error:
        kind = StorageFull if error.errno == errno.ENOSPC else StorageReadOnly
        raise kind(f"{path.name} cannot be opened: {error.strerror}.") from error


def has_content(path: Path) -> bool:
    """Returns whether the file exists and is not empty."""
    return path.stat().st_size > 0
