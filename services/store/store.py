"""The relational store: opened and brought up to date, then read and written in short transactions.

Promises: a database of a newer version is not touched; opening a current one costs one look;
several processes may open a fresh one at once; a caller that is cancelled while the store is opened
leaves no half-made connection and no half migration; reading creates no file; writers queue instead
of failing; every storage error is one of the kernel's; nothing is read from or written to a file
that was deleted or replaced after it was opened. Leaves to others: what is in the tables (one
module per aggregate).
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
import sqlalchemy as sa
from anyio import to_thread

from services.store.engine.access import Connections, Result
from services.store.engine.address import StoreFile, StoreServer, parse_address
from services.store.engine.copies import keep_copy
from services.store.engine.engines import (
    Server,
    Synchronous,
    sqlite_migrator,
    sqlite_probe,
    sqlite_threads,
)
from services.store.engine.errors import storage_errors
from services.store.engine.files import HeldFile, has_content, make_place
from services.store.store_schema import REVISIONS, metadata, stored_revision, upgrade
from use_cases.kernel.errors import StorageBusy, Unavailable
from use_cases.kernel.runs.surroundings import completed


class Store:
    """A database, opened by its first use. `close` at the end; it may be used again after."""

    def __init__(
        self, url: str | Path, *, synchronous: Synchronous = "NORMAL", busy_timeout: float = 30.0
    ) -> None:
        """`url` is a file's path, `sqlite:///path` or `postgresql://…`.

        `busy_timeout` is how many seconds a reader or writer waits for its turn. Raises
        `InvalidInput` for an address that means neither database.
        """
        self._address = parse_address(url)
        self._synchronous: Synchronous = synchronous
        self._busy_timeout = busy_timeout
        self._connections: Connections | None = None
        self._file: HeldFile | None = None
        self._opening = anyio.Lock()
        self._vacant: tuple[Connections, TemporaryDirectory[str]] | None = None

    async def open(self) -> None:
        """Makes the file where there is none, brings it up to date, and is ready.

        The first writing does it too, and the first reading where there is a file. Raises `NewerDatabase`, `StorageDamaged`,
        `StorageReadOnly`, `StorageFull`, `StorageBusy` or `Unavailable`; the store then stays
        closed.
        """
        await self._opened()

    async def close(self) -> None:
        """Closes every connection; open transactions of others are rolled back."""
        connections, self._connections = self._connections, None
        if connections is not None:
            await connections.dispose()
        vacant, self._vacant = self._vacant, None
        if vacant is not None:
            await vacant[0].dispose()
            await to_thread.run_sync(vacant[1].cleanup)

    async def read(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Runs `work` whole in a read transaction; on SQLite in a thread."""
        connections = await self._readable()
        with self._storage():
            return await connections.read(work)

    async def write(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Runs `work` whole in a write transaction; on SQLite in a thread.

        It waits for its turn, commits at the end, and rolls back on an error. A caller that is
        cancelled meanwhile does not know which of the two it was.
        """
        connections = await self._opened()
        with self._storage():
            try:
                return await connections.write(work)
            except TimeoutError as error:
                message = f"{self._address.name} was locked for longer than the timeout."
                raise StorageBusy(message) from error

    @contextmanager
    def _storage(self) -> Generator[None]:
        """Turns a driver's errors into the kernel's, and checks that the open file is still the one at
        its path.

        It is looked at on both sides: before, so that nothing is done in vain, and after the
        commit, so that nothing counts as kept that is gone already. Raises `StorageGone`.
        """
        self._require_file()
        with storage_errors(self._address.name, self._address.file):
            yield
        self._require_file()

    def _require_file(self) -> None:
        if self._file is not None:
            self._file.require()

    async def _opened(self) -> Connections:
        if self._connections is None:
            async with self._opening:
                if self._connections is None:
                    self._connections = await self._ready()
        return self._connections

    async def _readable(self) -> Connections:
        """Returns the open store; where there is no file yet, an empty one that lasts until `close`."""
        match self._address:
            case StoreFile(path) if self._connections is None and not await to_thread.run_sync(
                path.exists
            ):
                async with self._opening:
                    vacant = self._vacant or await completed(self._empty())
                return vacant[0]
            case _:
                return await self._opened()

    async def _empty(self) -> tuple[Connections, TemporaryDirectory[str]]:
        """Returns the tables without a row, in a temporary folder. No migration runs: nothing was
        before.
        """
        folder = TemporaryDirectory(prefix="candor-")
        connections = self._threads(Path(folder.name) / "empty.sqlite")
        await connections.write(metadata.create_all)
        self._vacant = connections, folder
        return self._vacant

    async def _ready(self) -> Connections:
        connections = await self._connectable()
        try:
            # A migration that has begun comes to its end, also when its caller is cancelled.
            await completed(self._migrate(connections))
        except BaseException:
            with anyio.CancelScope(shield=True):
                await connections.dispose()
            raise
        return connections

    async def _connectable(self) -> Connections:
        match self._address:
            case StoreServer(url):
                return _server(url, self._busy_timeout)
            case StoreFile(path):
                await to_thread.run_sync(make_place, path)
                self._file = await to_thread.run_sync(HeldFile.at, path)
                return self._threads(path)

    def _threads(self, path: Path) -> Connections:
        return sqlite_threads(path, synchronous=self._synchronous, busy_timeout=self._busy_timeout)

    async def _migrate(self, connections: Connections) -> None:
        name = self._address.name
        with storage_errors(name, self._address.file):
            match self._address:
                case StoreServer():
                    if await connections.read(lambda c: stored_revision(c, name)) != REVISIONS[-1]:
                        await connections.write(lambda c: upgrade(c, name))
                case StoreFile(path):
                    await to_thread.run_sync(_migrate_file, path, name, self._busy_timeout)


def _migrate_file(path: Path, name: str, busy_timeout: float) -> None:
    """Migrates in one write transaction, so that only one process does it, after copying the file."""
    if has_content(path):
        probe = sqlite_probe(path, busy_timeout=busy_timeout)
        with _once(probe), probe.connect() as connection:
            if stored_revision(connection, name) == REVISIONS[-1]:
                return
    migrator = sqlite_migrator(path, busy_timeout=busy_timeout)
    with _once(migrator), migrator.begin() as connection:
        if stored_revision(connection, name) not in (None, REVISIONS[-1]):
            keep_copy(path, REVISIONS[-1])
        upgrade(connection, name)


@contextmanager
def _once(engine: sa.Engine) -> Generator[None]:
    try:
        yield
    finally:
        engine.dispose()


def _server(url: sa.URL, busy_timeout: float) -> Connections:
    try:
        return Server(url, busy_timeout=busy_timeout)
    except ModuleNotFoundError as error:
        raise Unavailable(
            f"The database driver {error.name!r} is not installed.",
            hint='Install one: pip install "psycopg[binary]".',
        ) from error
