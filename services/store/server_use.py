"""Port `UseProbe` over the store: who is connected to a PostgreSQL server, and whether a file is open elsewhere."""

import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from anyio import to_thread

from services.store.store import Store
from use_cases.kernel.check_server import ServerUse

_PROCESSES = sa.text(
    "SELECT split_part(application_name, '/', 2), count(DISTINCT application_name)"
    " FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'candor/%'"
    " GROUP BY 1 ORDER BY 1"
)
_CONNECTIONS = sa.text(
    "SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),"
    " current_setting('max_connections')::int"
    " - current_setting('superuser_reserved_connections')::int"
)


class SqlServerUse:
    """The processes that have a connection open, by the names that they give themselves."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def use(self) -> ServerUse | None:
        """Returns them; None for a file."""
        return await self._store.read(_use)

    async def is_shared(self) -> bool:
        """Returns whether another process has the database open; of a file, before this one opens it."""
        if self._store.file is not None:
            return await to_thread.run_sync(_is_open, self._store.file)
        use = await self.use()
        return use is not None and sum(use.processes.values()) > 1


def _is_open(file: Path) -> bool:
    """Returns whether somebody has the file open: each who does holds a lock on it, by its write-ahead log."""
    if not file.exists():
        return False
    with closing(sqlite3.connect(file, timeout=0)) as connection:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        try:
            connection.execute("SELECT 1 FROM sqlite_schema")
        except sqlite3.DatabaseError as error:
            return error.sqlite_errorcode == sqlite3.SQLITE_BUSY
    return False


def _use(connection: sa.Connection) -> ServerUse | None:
    if connection.dialect.name != "postgresql":
        return None
    processes = {str(machine): int(count) for machine, count in connection.execute(_PROCESSES)}
    connections, most = connection.execute(_CONNECTIONS).one()
    return ServerUse(processes, int(connections), int(most))
