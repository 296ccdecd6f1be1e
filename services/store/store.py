"""The relational store: opened and brought up to the newest revision of its schema, then read and written in
short transactions.

A module of this package that declares a table belongs to it. Every change of a table comes with a
migration in `migrations/versions`; tests hold the two together. `stored_revision` only reads, and is all
that happens to a current database. `upgrade` imports Alembic, so it runs only when there is something to
do.

Promises: a database of a newer version is not touched; opening a current one costs one look;
several processes may open a fresh one at once; a caller that is cancelled while the store is opened
leaves no half-made connection and no half migration; reading creates no file; writers queue instead
of failing; every storage error is one of the kernel's; nothing is read from or written to a file
that was deleted or replaced after it was opened. Leaves to others: what is in the tables (one
module per aggregate).
"""

import re
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from tempfile import TemporaryDirectory

import anyio
import sqlalchemy as sa
from anyio import to_thread

from services.store.engine.address import (
    HeldFile,
    StoreFile,
    StoreServer,
    has_content,
    make_place,
    parse_address,
)
from services.store.engine.copies import keep_copy
from services.store.engine.engines import (
    Connections,
    Result,
    Server,
    Synchronous,
    sqlite_migrator,
    sqlite_probe,
    sqlite_threads,
)
from services.store.engine.errors import storage_errors
from services.store.rows import metadata
from use_cases.kernel.errors import (
    NewerDatabase,
    OlderDatabase,
    StorageBusy,
    StorageDamaged,
    Unavailable,
)
from use_cases.kernel.runs.surroundings import completed

MIGRATIONS = Path(__file__).parent / "migrations"
"""The folder of the migrations."""

REVISIONS = tuple(sorted(file.stem[1:5] for file in (MIGRATIONS / "versions").glob("v*.py")))
"""Every revision since 0.2.0, oldest first. The last one is what this version needs.

Read from the names of the files, so that opening a current database imports no migration machinery.
"""

REVISION_TABLE = "candor_revision"
"""Not Alembic's default name: the database may be shared with another program that uses it."""

revision = sa.Table(
    REVISION_TABLE,
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), primary_key=True, nullable=False),
)
"""Where a database says which revision it has; Alembic makes and keeps it."""

_TABLE = re.compile(r"^CREATE TABLE (\w+) \(\n(.*?)^\)", re.MULTILINE | re.DOTALL)
_COLUMN = re.compile(r'^ {4}"?(?!CONSTRAINT)(\w+)', re.MULTILINE)
_COLUMNS = {
    "sqlite": "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c",
    "postgresql": "SELECT table_name, column_name FROM information_schema.columns"
    " WHERE table_schema = current_schema()",
}

_LOCK = 0x43414E444F52  # "CANDOR": any number that other users of the server will not take


def all_tables() -> sa.MetaData:
    """Imports every module that declares a table, and returns them all.

    A process that opens a current database imports those alone that it uses.
    """
    for module in iter_modules([str(Path(__file__).parent)]):
        if not module.ispkg and module.name != "store":
            import_module(f"services.store.{module.name}")
    return metadata


def stored_revision(connection: sa.Connection, name: str) -> str | None:
    """Returns the revision the database has, None when there is nothing in it yet.

    Raises `OlderDatabase` for a database from before 0.2.0, `NewerDatabase` for a revision that this
    version does not know, and `StorageDamaged` for an SQLite file that holds somebody else's tables
    (a server's database may be shared).
    """
    if not connection.dialect.has_table(connection, REVISION_TABLE):
        if connection.dialect.name == "sqlite" and sa.inspect(connection).get_table_names():
            raise StorageDamaged(f"{name} contains tables of another program.", hint=_FOREIGN)
        return None
    stored = connection.scalar(sa.select(revision.c.version_num))
    if stored is not None and stored < REVISIONS[0]:
        raise OlderDatabase(f"{name} has revision {stored!r}, from before Candor 0.2.0.")
    if stored is not None and stored not in REVISIONS:
        raise NewerDatabase(f"{name} has revision {stored!r}, which this version does not know.")
    if stored == REVISIONS[0] and (missing := _missing(connection)):
        raise OlderDatabase(f"{name} has no {missing[0]}, so it is from before Candor 0.2.0.")
    return stored


def _missing(connection: sa.Connection) -> Sequence[str]:
    """Returns the columns of the first revision, as `table.column`, that are not there.

    Until its release the first revision changed under one number, so the number alone says nothing.
    """
    found = connection.exec_driver_sql(_COLUMNS[connection.dialect.name])
    there = {f"{table}.{column}" for table, column in found}
    return [one for one in first_columns() if one not in there]


def first_columns() -> Iterator[str]:
    """Yields every column of the first revision, as `table.column`."""
    [file] = (MIGRATIONS / "versions").glob(f"v{REVISIONS[0]}_*.sql")
    for table, body in _TABLE.findall(file.read_text(encoding="utf-8")):
        for column in _COLUMN.findall(body):
            yield f"{table}.{column}"


def upgrade(connection: sa.Connection, name: str) -> None:
    """Brings the database to the newest revision, inside the caller's write transaction.

    Several processes may try at once: the first does it, the others then find it done. Raises as
    `stored_revision` does, before anything is changed.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    if stored_revision(connection, name) == REVISIONS[-1]:
        return
    _run_migrations(connection)
    if connection.dialect.name == "sqlite":
        _check_references(connection, name)


def _run_migrations(connection: sa.Connection) -> None:
    # Here, not at the top: half a second of import that a current database does not need.
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection, "metadata": all_tables()})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, REVISIONS[-1])


def _check_references(connection: sa.Connection, name: str) -> None:
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise StorageDamaged(f"{name} has rows that refer to missing rows.")


_FOREIGN = "Point the settings at another file: this one belongs to another program."


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

    @property
    def file(self) -> Path | None:
        """The file; None for a server."""
        return self._address.file

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
        await connections.write(all_tables().create_all)
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
