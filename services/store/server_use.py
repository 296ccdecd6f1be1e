"""Port `UseProbe` over the store: who is connected to a PostgreSQL server."""

import sqlalchemy as sa

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


def _use(connection: sa.Connection) -> ServerUse | None:
    if connection.dialect.name != "postgresql":
        return None
    processes = {str(machine): int(count) for machine, count in connection.execute(_PROCESSES)}
    connections, most = connection.execute(_CONNECTIONS).one()
    return ServerUse(processes, int(connections), int(most))
