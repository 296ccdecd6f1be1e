"""Summaries of conversations and the vectors by which they are remembered: ports `Summaries`, `MemoryTexts`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa

from services.store.chats import conversations, find_conversation
from services.store.column_types import StoredId, StoredText
from services.store.rows import Rows, SqlAdapter, add_unless_there, metadata, refers, table_of
from use_cases.conversations.model import ConversationSummary, RememberedText, Submission
from use_cases.kernel.model import Caller, Vector

conversation_summaries = table_of(
    ConversationSummary,
    "conversation_summaries",
    refers("chat_id", "conversations.chat_id"),
    key="chat_id",
)
"""The summary of a conversation: what a run made, and beside it what a person wrote."""
_SUMMARY = conversation_summaries.c


summary_submissions = table_of(
    Submission,
    "summary_submissions",
    sa.Column("run_id", StoredId, primary_key=True),
    refers("run_id", "jobs.job_id"),
    key="run_id",
)
"""The job of another service that a run waits for."""

_SUMMARIES = Rows(ConversationSummary, conversation_summaries, "summary")
_SUBMISSIONS = Rows(Submission, summary_submissions, "submission")


class SqlSummaries(SqlAdapter):
    """Summaries in a database."""

    async def summary(self, caller: Caller, chat_id: str) -> ConversationSummary | None:
        """Returns the one of a conversation."""

        def work(connection: sa.Connection) -> ConversationSummary | None:
            find_conversation(connection, caller, chat_id)
            return _SUMMARIES.one(connection, _SUMMARY.chat_id == chat_id)

        return await self._store.read(work)

    async def begin(self, caller: Caller, chat_id: str, run_id: str) -> None:
        """Notes the newest run."""

        def work(connection: sa.Connection) -> None:
            find_conversation(connection, caller, chat_id)
            _change(connection, chat_id, run_id=run_id)

        await self._store.write(work)

    async def keep(self, summary: ConversationSummary) -> None:
        """Stores what was made; the edit stays."""
        made = _SUMMARIES.values(summary)
        values = {name: made[name] for name in ("text", "method", "model", "messages", "made_at")}
        own = _SUMMARY.chat_id == summary.chat_id
        kept = sa.update(conversation_summaries).where(own).values(values)
        await self._run(kept)

    async def edit(
        self, caller: Caller, chat_id: str, text: str, at: datetime
    ) -> ConversationSummary:
        """Stores a person's text."""

        def work(connection: sa.Connection) -> ConversationSummary:
            find_conversation(connection, caller, chat_id)
            _change(connection, chat_id, edited=text, edited_at=at)
            found = _SUMMARIES.one(connection, _SUMMARY.chat_id == chat_id)
            return found or ConversationSummary(chat_id=chat_id)

        return await self._store.write(work)

    async def submission(self, run_id: str) -> Submission | None:
        """Returns the job that a run waits for."""
        return await self._one(_SUBMISSIONS, summary_submissions.c.run_id == run_id)

    async def submit(self, run_id: str, submission: Submission) -> None:
        """Notes it."""
        await self._add(_SUBMISSIONS, submission, run_id=run_id)


def _change(connection: sa.Connection, chat_id: str, **values: object) -> None:
    """Changes the row, which is made where there is none."""
    add_unless_there(
        connection, conversation_summaries, _SUMMARIES.values(ConversationSummary(chat_id=chat_id))
    )
    own = _SUMMARY.chat_id == chat_id
    connection.execute(sa.update(conversation_summaries).where(own).values(values))


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

_MEMORY = conversation_memories.c
_SHOWN = sa.func.coalesce(_SUMMARY.edited, _SUMMARY.text)


class SqlMemoryTexts(SqlAdapter):
    """Summaries as memories, in a database."""

    async def texts(self, user_id: str, embedder: str) -> Sequence[RememberedText]:
        """Returns a person's summaries."""
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
        """Replaces vectors."""

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
