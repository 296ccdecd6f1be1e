"""The vectors of summaries, by which they are remembered: their table, and port `MemoryTexts`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa

from services.store.chats import conversations
from services.store.columns import StoredId, StoredText
from services.store.rows import SqlAdapter, metadata, refers
from services.store.summaries import conversation_summaries
from use_cases.conversations.memories.model import RememberedText
from use_cases.kernel.model import Vector

conversation_memories = sa.Table(
    "conversation_memories",
    metadata,
    sa.Column("chat_id", StoredId, primary_key=True),
    sa.Column("embedder", StoredText, nullable=False),
    sa.Column("digest", StoredId, nullable=False),
    sa.Column("vector", sa.LargeBinary, nullable=False),
    refers("chat_id", "conversation_summaries.chat_id"),
)
"""The vector of a summary, of the text with this SHA-256."""

_SUMMARY, _MEMORY = conversation_summaries.c, conversation_memories.c
_SHOWN = sa.func.coalesce(_SUMMARY.edited, _SUMMARY.text)


class SqlMemoryTexts(SqlAdapter):
    """Summaries as memories, in a database."""

    async def texts(self, user_id: str, embedder: str) -> Sequence[RememberedText]:
        """A person's summaries."""
        own = sa.and_(_MEMORY.chat_id == _SUMMARY.chat_id, _MEMORY.embedder == embedder)
        made = sa.func.coalesce(_SUMMARY.edited_at, _SUMMARY.made_at, type_=_SUMMARY.made_at.type)
        found = (
            sa.select(_SUMMARY.chat_id, _SHOWN, made, _MEMORY.digest, _MEMORY.vector)
            .join(conversations, conversations.c.chat_id == _SUMMARY.chat_id)
            .outerjoin(conversation_memories, own)
            .where(conversations.c.user_id == user_id, _SHOWN != "")
            .order_by(made.desc(), _SUMMARY.chat_id)
        )

        def work(connection: sa.Connection) -> Sequence[RememberedText]:
            return [_remembered(*row) for row in connection.execute(found)]

        return await self._store.read(work)

    async def keep(self, embedder: str, vectors: Mapping[str, tuple[str, Vector]]) -> None:
        """Replace vectors."""

        def work(connection: sa.Connection) -> None:
            for chat_id, (text, vector) in vectors.items():
                connection.execute(
                    sa.delete(conversation_memories).where(_MEMORY.chat_id == chat_id)
                )
                values = (
                    sa.literal(embedder),
                    sa.literal(_digest(text)),
                    sa.literal(vector, sa.LargeBinary),
                )
                there = sa.select(_SUMMARY.chat_id, *values).where(_SUMMARY.chat_id == chat_id)
                into = ["chat_id", "embedder", "digest", "vector"]
                connection.execute(sa.insert(conversation_memories).from_select(into, there))

        await self._store.write(work)


def _remembered(
    chat_id: str, text: str, made: datetime | None, digest: str | None, vector: Vector | None
) -> RememberedText:
    current = vector if digest == _digest(text) else None
    return RememberedText(memory_id=chat_id, text=text, created_at=made, vector=current)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
