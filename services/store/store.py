"""The relational store: opened and brought up to date, then read and written in short transactions.

Promises: a database of a newer version is not touched; opening a current one costs one look;
several processes may open a fresh one at once; a caller that is cancelled while the store is opened
leaves no half-made connection and no half migration; reading creates no file; writers queue instead
of failing; every storage error is one of the kernel's; nothing is read from or written to a file
that was deleted or replaced after it was opened. Leaves to others: what is in the tables (one
adapter per port).

Never keep a transaction open across a call to a model or another service.
"""

import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
from anyio import to_thread
from sqlalchemy import URL, Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.store.engine.address import StoreFile, StoreServer, parse_address
from services.store.engine.copies import keep_copy
from services.store.engine.engines import (
    Engines,
    Synchronous,
    postgresql_engines,
    sqlite_engines,
    sqlite_migrator,
    sqlite_probe,
)
from services.store.engine.errors import storage_errors
from services.store.engine.files import HeldFile, has_content, make_place
from services.store.engine.threads import Result
from services.store.revisions import stored_revision, upgrade
from services.store.schema import REVISIONS, metadata
from use_cases.kernel.errors import StorageBusy, Unavailable
from use_cases.kernel.runs.cancellation import completed

_RETRY_SECONDS = 0.02


class Store:
    """One database, opened by its first use. `close` at the end; it may be used again after."""

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
        self._engines: Engines | None = None
        self._file: HeldFile | None = None
        self._opening = anyio.Lock()
        self._vacant: tuple[Engines, TemporaryDirectory[str]] | None = None
        self._writer = anyio.Semaphore(1, fast_acquire=True)

    async def open(self) -> None:
        """Make the file where there is none, bring it up to date, and be ready.

        The first writing does it too, and the first reading where there is a file. Raises `NewerDatabase`, `StorageDamaged`,
        `StorageReadOnly`, `StorageFull`, `StorageBusy` or `Unavailable`; the store then stays
        closed.
        """
        await self._opened()

    async def close(self) -> None:
        """Close every connection; open transactions of others are rolled back."""
        engines, self._engines = self._engines, None
        if engines is not None:
            await engines.dispose()
        vacant, self._vacant = self._vacant, None
        if vacant is not None:
            await vacant[0].dispose()
            await to_thread.run_sync(vacant[1].cleanup)

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncConnection]:
        """A read transaction: one consistent state, however many statements."""
        engines = await self._readable()
        with self._storage():
            async with engines.reader.connect() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[AsyncConnection]:
        """A write transaction: waits for its turn, commits at the end, rolls back on an error."""
        engines = await self._opened()
        async with self._turn(engines):
            with self._storage():
                async with engines.writer.begin() as connection:
                    yield connection

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` whole in a read transaction; on SQLite in a thread."""
        engines = await self._readable()
        with self._storage():
            if engines.threads is not None:
                return await engines.threads.read(work)
            async with engines.reader.connect() as connection:
                return await connection.run_sync(work)

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` whole in a write transaction; on SQLite in a thread.

        It waits for its turn, commits at the end, and rolls back on an error. Whoever is cancelled
        meanwhile does not know which of the two it was.
        """
        engines = await self._opened()
        with self._storage():
            if engines.threads is None:
                async with engines.writer.begin() as connection:
                    return await connection.run_sync(work)
            try:
                return await engines.threads.write(work)
            except TimeoutError as error:
                raise self._locked() from error

    @contextmanager
    def _storage(self) -> Generator[None]:
        """Inside, driver errors become the kernel's, and the open file stays the one at its path.

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

    @asynccontextmanager
    async def _turn(self, engines: Engines) -> AsyncGenerator[None]:
        """The one writer's turn, where there is one. Raises `StorageBusy`."""
        if engines.threads is None:
            yield
            return
        try:
            with anyio.fail_after(self._busy_timeout):
                await self._writer.acquire()
        except TimeoutError as error:
            raise self._locked() from error
        try:
            yield
        finally:
            self._writer.release()

    def _locked(self) -> StorageBusy:
        return StorageBusy(f"{self._address.name} was locked for longer than the timeout.")

    async def _opened(self) -> Engines:
        if self._engines is None:
            async with self._opening:
                if self._engines is None:
                    self._engines = await self._ready()
        return self._engines

    async def _readable(self) -> Engines:
        """The open store; where there is no file yet, an empty one that lasts until `close`."""
        match self._address:
            case StoreFile(path) if self._engines is None and not await to_thread.run_sync(
                path.exists
            ):
                async with self._opening:
                    vacant = self._vacant or await completed(self._empty())
                return vacant[0]
            case _:
                return await self._opened()

    async def _empty(self) -> tuple[Engines, TemporaryDirectory[str]]:
        """The tables without a row, in a temporary folder. No migration runs: nothing was before."""
        folder = TemporaryDirectory(prefix="candor-")
        engines = sqlite_engines(
            Path(folder.name) / "empty.sqlite",
            synchronous=self._synchronous,
            busy_timeout=self._busy_timeout,
        )
        async with engines.writer.begin() as connection:
            await connection.run_sync(metadata.create_all)
        self._vacant = engines, folder
        return self._vacant

    async def _ready(self) -> Engines:
        engines = await self._connectable()
        try:
            await self._bring_up_to_date(engines)
        except BaseException:
            with anyio.CancelScope(shield=True):
                await engines.dispose()
            raise
        return engines

    async def _connectable(self) -> Engines:
        match self._address:
            case StoreServer(url):
                return _server_engines(url, self._busy_timeout)
            case StoreFile(path):
                await to_thread.run_sync(make_place, path)
                self._file = await to_thread.run_sync(HeldFile.at, path)
                return sqlite_engines(
                    path, synchronous=self._synchronous, busy_timeout=self._busy_timeout
                )

    async def _bring_up_to_date(self, engines: Engines) -> None:
        """Again and again while another process is just making the same database."""
        deadline = time.monotonic() + self._busy_timeout
        while True:
            try:
                # A cancelled driver would leave its connection to the garbage collector.
                await completed(self._migrate(engines))
            except StorageBusy:
                if time.monotonic() > deadline:
                    raise
                await anyio.sleep(_RETRY_SECONDS)
            else:
                return

    async def _migrate(self, engines: Engines) -> None:
        with storage_errors(self._address.name, self._address.file):
            if await self._revision(engines) != REVISIONS[-1]:
                await self._upgrade(engines)

    async def _revision(self, engines: Engines) -> str | None:
        match self._address:
            case StoreServer():
                return await self._revision_seen_by(engines.reader)
            case StoreFile(path):
                if not await to_thread.run_sync(has_content, path):
                    return None
                async with _for_once(sqlite_probe(path, busy_timeout=self._busy_timeout)) as probe:
                    return await self._revision_seen_by(probe)

    async def _revision_seen_by(self, engine: AsyncEngine) -> str | None:
        async with engine.connect() as connection:
            return await connection.run_sync(stored_revision, self._address.name)

    async def _upgrade(self, engines: Engines) -> None:
        match self._address:
            case StoreServer():
                await self._upgrade_with(engines.writer)
            case StoreFile(path):
                migrator = sqlite_migrator(path, busy_timeout=self._busy_timeout)
                async with _for_once(migrator):
                    await self._upgrade_with(migrator, path)

    async def _upgrade_with(self, engine: AsyncEngine, file: Path | None = None) -> None:
        """Inside one write transaction, so that only one process does it, after copying the file."""
        async with engine.begin() as connection:
            stored = await connection.run_sync(stored_revision, self._address.name)
            if file is not None and stored not in (None, REVISIONS[-1]):
                await to_thread.run_sync(keep_copy, file, REVISIONS[-1])
            await connection.run_sync(upgrade, self._address.name)


@asynccontextmanager
async def _for_once(engine: AsyncEngine) -> AsyncGenerator[AsyncEngine]:
    try:
        yield engine
    finally:
        with anyio.CancelScope(shield=True):
            await engine.dispose()


def _server_engines(url: URL, busy_timeout: float) -> Engines:
    try:
        return postgresql_engines(url, busy_timeout=busy_timeout)
    except ModuleNotFoundError as error:
        raise Unavailable(
            f"The database driver {error.name!r} is not installed.",
            hint='Install one: pip install "psycopg[binary]".',
        ) from error
