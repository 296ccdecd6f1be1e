"""The files of conversations: their rows, the keys of their objects, and port `Attachments`.

An object's key is in `file_objects` from before it is stored until after it is removed, so that none is
forgotten: a key without an attachment is an orphan, whether a kill came between object and row or the
conversation was deleted.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from services.store.chats import conversations, find_conversation, missing
from services.store.column_types import StoredId, StoredText, UtcMoment
from services.store.paging import visible
from services.store.rows import (
    Rows,
    SqlAdapter,
    add_unless_there,
    metadata,
    refers,
    required,
    table_of,
)
from use_cases.conversations.errors import AttachmentNotFound
from use_cases.conversations.model import Attachment, FileSummary
from use_cases.kernel.model import Caller

file_objects = sa.Table(
    "file_objects",
    metadata,
    sa.Column("key", StoredId, primary_key=True),
    sa.Column("announced_until", UtcMoment, nullable=False),
)
"""An object that may be there. Until `announced_until` its row may come; with it that is over."""


file_attachments = table_of(
    Attachment,
    "file_attachments",
    sa.Column("text", StoredText),
    sa.Column("summary_text", StoredText),
    sa.Column("summary_model", StoredText),
    sa.Column("summarised_at", UtcMoment),
    refers("chat_id", "conversations.chat_id"),
    refers("key", "file_objects.key", cascade=False),
    sa.UniqueConstraint("chat_id", "sha256", "name"),
    sa.UniqueConstraint("key"),
    # With the moment of the summary, so that a search for what changed reads no row, which holds the text.
    sa.Index(None, "chat_id", "created_at", "file_id", "summarised_at"),
    key="file_id",
    ids="name sha256 key",
    without="summary",
)
"""A file of a conversation. `text` is what was read from it, for search and summaries.

`summarised_at` is null without a summary, and `summary_model` is empty where no model wrote it.
"""
_FILE = file_attachments.c


link_secrets = sa.Table(
    "link_secrets",
    metadata,
    sa.Column("name", StoredId, primary_key=True),
    sa.Column("secret", StoredText, nullable=False),
)
"""The secret that signs links, one row for all processes."""

_SUMMARY = Rows(
    FileSummary,
    file_attachments,
    renamed={"text": "summary_text", "made_at": "summarised_at", "model": "summary_model"},
    absent_without="summarised_at",
)
_ATTACHMENTS = Rows(Attachment, file_attachments, "attachment", parts={"summary": _SUMMARY})
_LINKS = "files"


class SqlAttachments(SqlAdapter):
    """Attachments in a database."""

    async def owner(self, caller: Caller, chat_id: str) -> str:
        """Whose conversation it is."""
        row = await self._store.read(
            lambda connection: find_conversation(connection, caller, chat_id)
        )
        return str(row.user_id)

    async def announce(self, key: str, until: datetime) -> None:
        """Notes a key."""
        row = {"key": key, "announced_until": until}
        await self._run(sa.insert(file_objects), row)

    async def add(self, attachment: Attachment, text: str | None, now: datetime) -> Attachment:
        """Stores it, unless the conversation has it, or is gone."""
        row = _ATTACHMENTS.values(attachment) | {"text": text}
        there = sa.select(conversations.c.chat_id).where(
            conversations.c.chat_id == attachment.chat_id
        )
        column = file_objects.c
        announced = (
            sa.update(file_objects)
            .where(column.key == attachment.key, column.announced_until > now)
            .values(announced_until=now)
            .returning(column.key)
        )

        def work(connection: sa.Connection) -> Attachment:
            if connection.execute(there).first() is None:
                raise missing(attachment.chat_id)
            if connection.execute(announced).first() is None:  # it may be swept already
                raise AttachmentNotFound("The file was not stored in time.", hint="Try again.")
            if add_unless_there(connection, file_attachments, row):
                return attachment
            found = _one(connection, *_same(attachment.chat_id, attachment.name, attachment.sha256))
            return found or attachment

        return await self._store.write(work)

    async def same(self, chat_id: str, name: str, sha256: str) -> Attachment | None:
        """Returns the one of this name and content."""
        return await self._store.read(
            lambda connection: _one(connection, *_same(chat_id, name, sha256))
        )

    async def attachment(self, caller: Caller, file_id: str) -> Attachment:
        """Returns a file of one of the caller's conversations."""
        own = visible(caller, conversations.c.user_id)
        found = await self._store.read(
            lambda connection: _one(connection, own, _FILE.file_id == file_id)
        )
        return required(found, AttachmentNotFound(f"There is no file {file_id!r}."))

    async def of_conversation(self, caller: Caller, chat_id: str) -> Sequence[Attachment]:
        """Returns all of a conversation."""

        def work(connection: sa.Connection) -> Sequence[Attachment]:
            find_conversation(connection, caller, chat_id)
            order = (_FILE.created_at, _FILE.file_id)
            return _ATTACHMENTS.all(connection, _FILE.chat_id == chat_id, by=order)

        return await self._store.read(work)

    async def text(self, file_id: str) -> str | None:
        """Returns the text."""
        found = sa.select(_FILE.text).where(_FILE.file_id == file_id)
        return await self._store.read(lambda connection: connection.scalar(found))

    async def begin_summary(self, file_id: str, run_id: str) -> None:
        """Notes the newest run."""
        await self._change(file_id, {"summary_run_id": run_id})

    async def keep_summary(self, file_id: str, summary: FileSummary) -> None:
        """Stores the summary."""
        await self._change(file_id, _SUMMARY.values(summary))

    async def orphans(self, now: datetime) -> Sequence[str]:
        """Keys without an attachment."""
        column = file_objects.c
        attached = sa.select(_FILE.key).where(_FILE.key == column.key).exists()
        found = sa.select(column.key).where(~attached, column.announced_until <= now)
        return await self._store.read(
            lambda connection: [row.key for row in connection.execute(found)]
        )

    async def forget(self, key: str) -> None:
        """Removes the note."""
        gone = sa.delete(file_objects).where(file_objects.c.key == key)
        await self._run(gone)

    async def link_secret(self, fresh: str) -> str:
        """Returns the secret that is there, or this one from now on."""
        stored = sa.select(link_secrets.c.secret).where(link_secrets.c.name == _LINKS)
        found = await self._store.read(lambda connection: connection.scalar(stored))
        if found is not None:
            return found

        def work(connection: sa.Connection) -> str:
            add_unless_there(connection, link_secrets, {"name": _LINKS, "secret": fresh})
            return connection.scalar(stored) or fresh

        return await self._store.write(work)

    async def _change(self, file_id: str, values: Mapping[str, object]) -> None:
        changed = sa.update(file_attachments).where(_FILE.file_id == file_id).values(values)
        await self._run(changed)


def _one(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> Attachment | None:
    owned = file_attachments.join(conversations, conversations.c.chat_id == _FILE.chat_id)
    return _ATTACHMENTS.one(connection, *conditions, source=owned)


def _same(chat_id: str, name: str, sha256: str) -> Sequence[sa.ColumnElement[bool]]:
    return _FILE.chat_id == chat_id, _FILE.sha256 == sha256, _FILE.name == name
