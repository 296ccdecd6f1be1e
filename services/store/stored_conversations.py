"""A person's conversations with their whole trees, imported or begun here; their summaries and the vectors by
which they are remembered: ports `Conversations`, `Summaries` and `MemoryTexts`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from services.store.chats import (
    conversations,
    find_conversation,
    messages,
    missing,
    own_conversation,
    remove_conversation,
    require_unlocked,
)
from services.store.column_types import StoredId, StoredText
from services.store.imports import STORED, STORED_COLUMNS, WITH_ORIGIN, imported_messages
from services.store.paging import NewestFirst, Place, visible
from services.store.rows import Rows, SqlAdapter, add_unless_there, metadata, refers, table_of
from services.store.stored_answers import answers
from use_cases.conversations.model import (
    ConversationSummary,
    ImportedMessage,
    MessageRole,
    RememberedText,
    StoredConversation,
    StoredMessage,
    StoredTree,
    Submission,
    TextPart,
)
from use_cases.kernel.model import Caller, Page, Vector
from use_cases.kernel.runs.record import AnswerRecord

_COLUMN = conversations.c
_RECORDS = Rows(AnswerRecord, answers, "answer")
_LAST_USED = NewestFirst(STORED, _COLUMN.updated_at, source=WITH_ORIGIN)


class SqlConversations(SqlAdapter):
    """Conversations in a database."""

    async def conversations(
        self, caller: Caller, *, limit: int, before: str | None = None
    ) -> Page[StoredConversation]:
        """Returns the last used first. Raises `ConversationNotFound` for `before`."""

        def work(connection: sa.Connection) -> Page[StoredConversation]:
            after: Place | None = None
            if before is not None:
                seen = _found(connection, caller, before)
                after = (seen.updated_at, seen.chat_id)
            own = (visible(caller, _COLUMN.user_id), _COLUMN.draft_of.is_(None))
            return _LAST_USED.page(connection, *own, limit=limit, after=after)

        return await self._store.read(work)

    async def conversation(self, caller: Caller, chat_id: str) -> StoredConversation:
        """Returns a conversation. Raises `ConversationNotFound`."""
        return await self._store.read(lambda connection: _found(connection, caller, chat_id))

    async def tree(self, caller: Caller, chat_id: str) -> StoredTree:
        """Returns one with all its messages. Raises `ConversationNotFound`."""

        def work(connection: sa.Connection) -> StoredTree:
            found = _found(connection, caller, chat_id)
            rows = connection.execute(_MESSAGES.where(messages.c.chat_id == chat_id))
            return StoredTree(found, list(map(_message, rows)))

        return await self._store.read(work)

    async def records(self, caller: Caller, chat_id: str) -> Sequence[AnswerRecord]:
        """Returns what is recorded of the answers that were given here, oldest first."""
        own = (visible(caller, answers.c.user_id), answers.c.chat_id == chat_id)
        by = [answers.c.created_at, answers.c.answer_id]
        return await self._all(_RECORDS, *own, by=by)

    async def rename(self, caller: Caller, chat_id: str, title: str) -> StoredConversation:
        """Gives it another title. Raises `ConversationNotFound` and `ConversationLocked`."""
        return await self._change(caller, chat_id, title=title)

    async def show_branch(self, caller: Caller, chat_id: str, leaf_id: str) -> StoredConversation:
        """Shows another branch. Raises `ConversationNotFound` and `ConversationLocked`."""
        return await self._change(caller, chat_id, leaf_id=leaf_id)

    async def _change(self, caller: Caller, chat_id: str, **values: str) -> StoredConversation:
        def work(connection: sa.Connection) -> StoredConversation:
            _found(connection, caller, chat_id)
            require_unlocked(connection, chat_id)
            one = _COLUMN.chat_id == chat_id
            connection.execute(sa.update(conversations).where(one).values(values))
            return _found(connection, caller, chat_id)

        return await self._store.write(work)

    async def remove(self, caller: Caller, chat_id: str) -> None:
        """Removes it. Raises `ConversationNotFound`."""

        def work(connection: sa.Connection) -> None:
            _found(connection, caller, chat_id)
            remove_conversation(connection, chat_id)

        await self._store.write(work)


def _found(connection: sa.Connection, caller: Caller, chat_id: str) -> StoredConversation:
    """Returns the conversation. Raises `ConversationNotFound`."""
    row = connection.execute(STORED_COLUMNS.where(*own_conversation(caller, chat_id))).first()
    if row is None:
        raise missing(chat_id)
    return STORED.of(row)


def _message(row: sa.Row[*tuple[Any, ...]]) -> StoredMessage:
    """Reads a row of `_MESSAGES`. A message that was said here is a text, an answer with its model."""
    is_imported = row.source_message_id is not None
    said = (TextPart(text=row.text),) if row.text else ()
    message = ImportedMessage(
        message_id=row.message_id,
        parent_id=row.parent_id,
        role=MessageRole(row.role.value),
        parts=(row.parts if is_imported else ()) or said,
        author=row.author or "",
        hidden=row.hidden_because,
        created_at=row.source_created_at if is_imported else row.created_at,
        model=(row.model if is_imported else row.answered_by) or "",
        is_complete=row.is_complete if is_imported else not row.interrupted,
    )
    named = row.source_message_id or row.message_id
    return StoredMessage(message, named, is_imported, row.outcome)


_OWN, _BEYOND = messages.c, imported_messages.c
_MESSAGES = (
    sa.select(
        *(_OWN.message_id, _OWN.parent_id, _OWN.role, _OWN.text, _OWN.created_at),
        *(_BEYOND.source_message_id, _BEYOND.author, _BEYOND.hidden_because, _BEYOND.model),
        *(_BEYOND.is_complete, _BEYOND.source_created_at, _BEYOND.parts),
        answers.c.model.label("answered_by"),
        *(answers.c.interrupted, answers.c.outcome),
    )
    .outerjoin(imported_messages, _BEYOND.message_id == _OWN.message_id)
    .outerjoin(answers, answers.c.answer_id == _OWN.message_id)
    .order_by(_BEYOND.place.nulls_last(), _OWN.created_at, _OWN.message_id)
)


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
