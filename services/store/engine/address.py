"""Address of the store, read from one setting: a server (PostgreSQL) or a file (SQLite), as the file system
sees it; and the folder of the data.
"""

import errno
import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Self, TypeAlias

import sqlalchemy as sa
from anyio import CapacityLimiter, to_thread
from sqlalchemy.exc import ArgumentError

from use_cases.kernel.errors import InvalidInput, StorageFull, StorageGone, StorageReadOnly


@dataclass(frozen=True, slots=True)
class StoreFile:
    """An SQLite file."""

    path: Path

    @property
    def name(self) -> str:
        """The file as a message names it, which may go to a person who need not know the folder."""
        return self.path.name

    @property
    def file(self) -> Path:
        """Where it lies."""
        return self.path.absolute()


@dataclass(frozen=True, slots=True)
class StoreServer:
    """A PostgreSQL database."""

    url: sa.URL

    @property
    def name(self) -> str:
        """The database as a message names it: without user, password and host."""
        return f"The database {self.url.database!r}"

    @property
    def file(self) -> None:
        """It has none here."""


Address: TypeAlias = StoreFile | StoreServer


def parse_address(place: str | Path) -> Address:
    """Reads a path, `sqlite:///path`, or `postgresql://…` (`postgresql+psycopg` or `+asyncpg`).

    Raises `InvalidInput` for anything else, without repeating a text that may hold a password.
    """
    if isinstance(place, Path) or "://" not in place:
        return StoreFile(Path(place))
    try:
        url = sa.make_url(place)
    except (ArgumentError, ValueError) as error:
        raise InvalidInput("The database address is not a URL.", hint=_HINT) from error
    backend = url.get_backend_name()
    if backend == "postgresql":
        return StoreServer(url)
    if backend == "sqlite" and url.database and url.database != ":memory:":
        return StoreFile(Path(url.database))
    raise InvalidInput(f"No database can be kept at this {backend} address.", hint=_HINT)


_HINT = "Give a file's path, sqlite:///path, or postgresql://user:password@host/name."


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


_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
_PROBE = bytes(64 * 1024)
"""More than the question of a turn takes."""


class DataFolder:
    """The folder of the data, which is asked whether it can be written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # A thread of its own: one that waits for a dead disk must not keep others from theirs.
        self._limiter = CapacityLimiter(1)

    async def try_write(self) -> None:
        """Writes a small file as far as the disk; the file has no name, so nothing of it is left.

        Raises `StorageFull` or `StorageReadOnly`.
        """
        await to_thread.run_sync(self._write, limiter=self._limiter, abandon_on_cancel=True)

    def _write(self) -> None:
        try:
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            with TemporaryFile(dir=self._path) as file:
                file.write(_PROBE)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            kind = StorageFull if error.errno in _NO_SPACE else StorageReadOnly
            raise kind(f"The folder {self._path} cannot be written: {error.strerror}.") from error


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
        kind = StorageFull if error.errno in _NO_SPACE else StorageReadOnly
        raise kind(f"{path.name} cannot be opened: {error.strerror}.") from error


def has_content(path: Path) -> bool:
    """Returns whether the file exists and is not empty."""
    return path.stat().st_size > 0
