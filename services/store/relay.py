"""Running answers on their way to other processes: their table, and chat's port `Relay`.

A row is a wish of another process (see `Wish`) or a piece of text. There are rows only for answers that
are followed from another process than their own, and no longer than they are followed; what killed
processes left is removed by the next wish.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from services.store.column_types import StoredId, StoredText, UtcMoment
from services.store.leases import leases
from services.store.rows import SqlAdapter, add_unless_there, metadata
from use_cases.chat.ports import Wish

_KEPT = timedelta(hours=1)
"""Longer than any answer takes."""


relayed_pieces = sa.Table(
    "relayed_pieces",
    metadata,
    sa.Column("turn_id", StoredId, primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True),
    sa.Column("text", StoredText),
    sa.Column("asked_at", UtcMoment),
)
"""A piece of a running answer: `place` counts from 1; lower ones are wishes. `text` is NULL
behind the last piece, and for a wish, which has its moment instead.
"""
_COLUMN = relayed_pieces.c


class SqlRelay(SqlAdapter):
    """Running answers in a database."""

    async def running(self, chat_id: str, now: datetime) -> str | None:
        """Returns the turn that holds this chat."""
        one = sa.select(leases.c.lease_id).where(leases.c.name == chat_id, leases.c.until > now)
        return await self._store.read(lambda connection: connection.scalar(one))

    async def ask(self, turn_id: str, wish: Wish, now: datetime) -> None:
        """Tells the process of this turn what is wished."""
        old = sa.select(_COLUMN.turn_id).where(_COLUMN.asked_at < now - _KEPT)
        values = {"turn_id": turn_id, "place": wish, "text": None, "asked_at": now}

        def work(connection: sa.Connection) -> None:
            connection.execute(sa.delete(relayed_pieces).where(_COLUMN.turn_id.in_(old)))
            add_unless_there(connection, relayed_pieces, values)

        await self._store.write(work)

    async def asked(self, turn_ids: Collection[str]) -> Sequence[tuple[str, Wish]]:
        """Returns the wishes for these turns."""
        found = sa.select(_COLUMN.turn_id, _COLUMN.place).where(
            _COLUMN.turn_id.in_(turn_ids), _COLUMN.place < 1
        )

        def work(connection: sa.Connection) -> Sequence[tuple[str, Wish]]:
            return [(turn_id, Wish(place)) for turn_id, place in connection.execute(found)]

        return await self._store.read(work)

    async def write(self, turn_id: str, place: int, text: str | None) -> None:
        """Keeps a piece; None: there are no more."""
        values = {"turn_id": turn_id, "place": place, "text": text, "asked_at": None}
        await self._run(sa.insert(relayed_pieces).values(values))

    async def read(self, turn_id: str, after: int) -> Sequence[str | None]:
        """Returns the pieces after this place."""
        found = (
            sa.select(_COLUMN.text)
            .where(_COLUMN.turn_id == turn_id, _COLUMN.place > after)
            .order_by(_COLUMN.place)
        )
        return await self._store.read(lambda connection: connection.scalars(found).all())

    async def forget(self, turn_id: str) -> None:
        """Removes the turn's rows."""
        gone = sa.delete(relayed_pieces).where(_COLUMN.turn_id == turn_id)
        await self._run(gone)
