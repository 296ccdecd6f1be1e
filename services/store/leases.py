"""What running processes hold, as the kernel's port `Leases`: rows, which every process sees.

Leases are taken in the transaction of what they are for (`transcript`, `admissions`).
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select, update

from services.store import lease_rows
from services.store.shared_tables import leases
from services.store.store import Store


class SqlLeases:
    """Leases in a `Store`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def kept(self, lease_ids: Collection[str]) -> Collection[str]:
        """Those that are there and not cancelled."""
        one = select(leases.c.lease_id).where(
            leases.c.lease_id.in_(lease_ids), leases.c.cancelled.is_(False)
        )

        def work(connection: Connection) -> Collection[str]:
            return frozenset(connection.scalars(one))

        return await self._store.read(work)

    async def renew(self, lease_ids: Collection[str], until: datetime) -> None:
        """Hold them until then."""
        renewed = update(leases).where(leases.c.lease_id.in_(lease_ids)).values(until=until)
        await self._store.write(lambda connection: connection.execute(renewed))

    async def cancel(self, name: str, now: datetime) -> bool:
        """Ask the process that holds this name to stop; false where nobody does."""
        asked = (
            update(leases).where(leases.c.name == name, leases.c.until > now).values(cancelled=True)
        )
        return await self._store.write(lambda connection: connection.execute(asked).rowcount > 0)

    async def release(self, lease_id: str) -> None:
        """Let go."""
        await self._store.write(lambda connection: lease_rows.end(connection, lease_id))
