"""Leases: their table, taking and ending them within another transaction, and the port `Leases`.

A lease is taken in the transaction of what it is for (`transcript`, `admissions`, `jobs`), so that a turn
costs no transaction for it. The caller sees to it that nobody else takes a lease of the same name
meanwhile: on SQLite there is one writer, on PostgreSQL the caller holds the row that the name
belongs to.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import uuid4

import sqlalchemy as sa

from services.store.column_types import StoredId, UtcMoment
from services.store.rows import SqlAdapter, metadata

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("lease_id", StoredId, primary_key=True),
    sa.Column("name", StoredId, nullable=False),
    sa.Column("until", UtcMoment, nullable=False),
    sa.Column("cancelled", sa.Boolean, nullable=False),
    sa.Index(None, "name"),
)
"""A lease of a running process: on a chat while it answers in it, on a place among a key's answers, or
on a part in a job.

`name` is the chat's id, the key's or the job's. A lease whose moment `until` has passed holds nothing: its
process was killed. `cancelled` asks the process to stop.
"""


class SqlLeases(SqlAdapter):
    """Leases in a database."""

    async def kept(self, lease_ids: Collection[str]) -> Collection[str]:
        """Returns the leases that are there and not cancelled."""
        one = sa.select(leases.c.lease_id).where(
            leases.c.lease_id.in_(lease_ids), leases.c.cancelled.is_(False)
        )

        def work(connection: sa.Connection) -> Collection[str]:
            return frozenset(connection.scalars(one))

        return await self._store.read(work)

    async def renew(self, lease_ids: Collection[str], until: datetime) -> None:
        """Holds them until then."""
        await self._store.write(lambda connection: renew(connection, lease_ids, until))

    async def cancel(self, name: str, now: datetime) -> bool:
        """Asks the process that holds this name to stop; false where nobody does."""
        asked = (
            sa.update(leases)
            .where(leases.c.name == name, leases.c.until > now)
            .values(cancelled=True)
        )
        return await self._store.write(lambda connection: connection.execute(asked).rowcount > 0)

    async def release(self, lease_id: str) -> None:
        """Lets go."""
        await self._store.write(lambda connection: end(connection, lease_id))

    async def try_write(self) -> None:
        """Takes a lease that holds nothing, and ends it. Raises the errors of storage."""
        lease_id = f"probe_{uuid4().hex}"

        def work(connection: sa.Connection) -> None:
            take(connection, lease_id, lease_id, datetime.fromtimestamp(0, UTC))
            end(connection, lease_id)

        await self._store.write(work)


def take(connection: sa.Connection, lease_id: str, name: str, until: datetime) -> None:
    """Holds this name, beside whatever else holds it."""
    values = {"lease_id": lease_id, "name": name, "until": until, "cancelled": False}
    connection.execute(_TAKE, values)


def take_alone(
    connection: sa.Connection, lease_id: str, name: str, now: datetime, until: datetime
) -> bool:
    """Holds this name; false where another lease of it is in force."""
    values = {"lease": lease_id, "held": name, "moment": now, "later": until}
    return connection.execute(_TAKE_ALONE, values).first() is not None


def renew(connection: sa.Connection, lease_ids: Collection[str], until: datetime) -> None:
    """Holds them until then; nothing for those that are gone."""
    connection.execute(
        sa.update(leases).where(leases.c.lease_id.in_(lease_ids)).values(until=until)
    )


def in_force(connection: sa.Connection, name: str, now: datetime) -> int:
    """Counts the leases of this name that are in force."""
    return connection.scalar(_IN_FORCE, {"held": name, "moment": now}) or 0


def clear_expired(connection: sa.Connection, name: str, now: datetime) -> int:
    """Removes what killed processes left under this name; how many there were."""
    return connection.execute(_CLEAR, {"held": name, "moment": now}).rowcount


def left_under(name: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether a lease of this name had expired by `moment`."""
    return sa.exists().where(leases.c.name == name, leases.c.until <= _MOMENT)


def end(connection: sa.Connection, lease_id: str) -> None:
    """Lets go; nothing for a lease that is gone."""
    connection.execute(_END, {"lease": lease_id})


def end_all(connection: sa.Connection, name: str) -> None:
    """Ends every lease of this name: its process stops when it sees that."""
    connection.execute(_END_ALL, {"held": name})


_NAME = leases.c.name == sa.bindparam("held", type_=StoredId)
_MOMENT = sa.bindparam("moment", type_=UtcMoment)
_TAKE = sa.insert(leases)
_IN_FORCE = sa.select(sa.func.count()).select_from(leases).where(_NAME, leases.c.until > _MOMENT)
_CLEAR = sa.delete(leases).where(_NAME, leases.c.until <= _MOMENT)
_LEASE = sa.bindparam("lease", type_=StoredId)
_END = sa.delete(leases).where(leases.c.lease_id == _LEASE)
_TAKE_ALONE = (
    sa.insert(leases)
    .from_select(
        ["lease_id", "name", "until", "cancelled"],
        sa.select(
            _LEASE,
            sa.bindparam("held", type_=StoredId),
            sa.bindparam("later", type_=UtcMoment),
            sa.false(),
        ).where(~sa.exists().where(_NAME, leases.c.until > _MOMENT)),
    )
    .returning(leases.c.lease_id)
)
_END_ALL = sa.delete(leases).where(_NAME)
