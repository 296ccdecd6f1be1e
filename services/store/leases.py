"""Leases: their table, taking and ending them within another transaction, and the port `Leases`.

A lease is taken in the transaction of what it is for (`transcript`, `admissions`, `jobs`), so that a turn
costs no transaction for it. The caller sees to it that nobody else takes a lease of the same name
meanwhile: on SQLite there is one writer, on PostgreSQL the caller holds the row that the name
belongs to.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Index,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from services.store.columns import StoredId, UtcMoment
from services.store.engine.access import Access
from services.store.rows import metadata

leases = Table(
    "leases",
    metadata,
    Column("lease_id", StoredId, primary_key=True),
    Column("name", StoredId, nullable=False),
    Column("until", UtcMoment, nullable=False),
    Column("cancelled", Boolean, nullable=False),
    Index(None, "name"),
)
"""A lease of a running process: on a chat while it answers in it, on a place among a key's answers, or
on a part in a job.

`name` is the chat's id, the key's or the job's. A lease whose moment `until` has passed holds nothing: its
process was killed. `cancelled` asks the process to stop.
"""


class SqlLeases:
    """Leases in a database."""

    def __init__(self, store: Access) -> None:
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
        await self._store.write(lambda connection: renew(connection, lease_ids, until))

    async def cancel(self, name: str, now: datetime) -> bool:
        """Ask the process that holds this name to stop; false where nobody does."""
        asked = (
            update(leases).where(leases.c.name == name, leases.c.until > now).values(cancelled=True)
        )
        return await self._store.write(lambda connection: connection.execute(asked).rowcount > 0)

    async def release(self, lease_id: str) -> None:
        """Let go."""
        await self._store.write(lambda connection: end(connection, lease_id))


def take(connection: Connection, lease_id: str, name: str, until: datetime) -> None:
    """Hold this name, beside whatever else holds it."""
    values = {"lease_id": lease_id, "name": name, "until": until, "cancelled": False}
    connection.execute(_TAKE, values)


def renew(connection: Connection, lease_ids: Collection[str], until: datetime) -> None:
    """Hold them until then; nothing for those that are gone."""
    connection.execute(update(leases).where(leases.c.lease_id.in_(lease_ids)).values(until=until))


def in_force(connection: Connection, name: str, now: datetime) -> int:
    """Count the leases of this name that are in force."""
    return connection.scalar(_IN_FORCE, {"held": name, "moment": now}) or 0


def clear_expired(connection: Connection, name: str, now: datetime) -> int:
    """Remove what killed processes left under this name; how many there were."""
    return connection.execute(_CLEAR, {"held": name, "moment": now}).rowcount


def end(connection: Connection, lease_id: str) -> None:
    """Let go; nothing for a lease that is gone."""
    connection.execute(_END, {"lease": lease_id})


def end_all(connection: Connection, name: str) -> None:
    """End every lease of this name: its process stops when it sees that."""
    connection.execute(_END_ALL, {"held": name})


_NAME = leases.c.name == bindparam("held", type_=StoredId)
_MOMENT = bindparam("moment", type_=UtcMoment)
_TAKE = insert(leases)
_IN_FORCE = select(func.count()).select_from(leases).where(_NAME, leases.c.until > _MOMENT)
_CLEAR = delete(leases).where(_NAME, leases.c.until <= _MOMENT)
_END = delete(leases).where(leases.c.lease_id == bindparam("lease", type_=StoredId))
_END_ALL = delete(leases).where(_NAME)
