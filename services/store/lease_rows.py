"""Takes and ends leases within another transaction, so that a turn costs no transaction for them.

The caller sees to it that nobody else takes a lease of the same name meanwhile: on SQLite there is
one writer, on PostgreSQL the caller holds the row that the name belongs to.
"""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from services.store.columns import StoredId, UtcMoment
from services.store.shared_tables import leases


def take(connection: Connection, lease_id: str, name: str, until: datetime) -> None:
    """Hold this name, beside whatever else holds it."""
    values = {"lease_id": lease_id, "name": name, "until": until, "cancelled": False}
    connection.execute(_TAKE, values)


def in_force(connection: Connection, name: str, now: datetime) -> int:
    """How many leases of this name hold."""
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
