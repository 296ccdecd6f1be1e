"""A person's conversations with their whole trees, imported or begun here: port `Conversations`."""

from typing import Any

import sqlalchemy as sa

from services.store.chats import (
    conversations,
    messages,
    missing,
    own_conversation,
    remove_conversation,
    require_unlocked,
)
from services.store.imports import STORED, STORED_COLUMNS, WITH_ORIGIN, imported_messages
from services.store.paging import NewestFirst, Place, visible
from services.store.rows import SqlAdapter
from services.store.stored_answers import answers
from use_cases.conversations.model import (
    ImportedMessage,
    MessageRole,
    StoredConversation,
    StoredMessage,
    StoredTree,
    TextPart,
)
from use_cases.kernel.model import Caller, Page

_COLUMN = conversations.c
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
