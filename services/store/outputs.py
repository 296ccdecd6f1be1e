"""Outputs of models that are kept for a repeated run: their table, and port `OutputCache`."""

from datetime import datetime

import sqlalchemy as sa

from services.store.columns import StoredId, StoredText, UtcMoment
from services.store.rows import SqlAdapter, add_unless_there, metadata

model_outputs = sa.Table(
    "model_outputs",
    metadata,
    sa.Column("key", StoredId, primary_key=True),
    sa.Column("output", StoredText, nullable=False),
    sa.Column("created_at", UtcMoment, nullable=False),
)
"""An output, by a digest of all that it depends on."""


class SqlOutputCache(SqlAdapter):
    """Outputs in a database."""

    async def output(self, key: str) -> str | None:
        """The stored output, as JSON."""
        one = sa.select(model_outputs.c.output).where(model_outputs.c.key == key)
        return await self._store.read(lambda connection: connection.scalar(one))

    async def keep(self, key: str, output: str, now: datetime) -> None:
        """Store an output, unless one is there."""
        row = {"key": key, "output": output, "created_at": now}
        await self._store.write(lambda connection: add_unless_there(connection, model_outputs, row))
