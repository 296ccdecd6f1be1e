"""A person's chats in the relational store, as chat's port `Chats`."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    delete,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from services.store import lease_rows
from services.store.branches import DEEPEST, branch
from services.store.chat_rows import chat_of, message_of
from services.store.columns import StoredId, UtcMoment
from services.store.schema import answers, conversations, messages
from services.store.store import Store
from services.store.visible import CONVERSATION, rights, visible
from use_cases.chat.errors import ChatNotFound, MessageNotFound
from use_cases.chat.model import Chat, Message
from use_cases.kernel.model import Caller


class SqlChats:
    """Chats in a `Store`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def chat(self, caller: Caller, chat_id: str) -> Chat:
        """One chat, by its own id or the frontend's. Raises `ChatNotFound`."""
        chat, _ = await self._store.read(lambda connection: _found(connection, caller, chat_id))
        return chat

    async def chats(
        self,
        caller: Caller,
        *,
        user_id: str | None = None,
        limit: int = 50,
        before: str | None = None,
    ) -> Sequence[Chat]:
        """The last used first, after `before`. Raises `ChatNotFound` for that one."""
        column = conversations.c
        page = (
            select(conversations)
            .where(visible(caller, column.user_id))
            .order_by(column.updated_at.desc(), column.chat_id.desc())
            .limit(limit)
        )
        if user_id is not None:
            page = page.where(column.user_id == user_id)

        def work(connection: Connection) -> Sequence[Chat]:
            rest = page
            if before is not None:
                seen, _ = _found(connection, caller, before)
                place = literal(seen.updated_at, UtcMoment), literal(seen.chat_id, StoredId)
                rest = page.where(tuple_(column.updated_at, column.chat_id) < tuple_(*place))
            return tuple(chat_of(row) for row in connection.execute(rest).mappings())

        return await self._store.read(work)

    async def messages(
        self, caller: Caller, chat_id: str, *, limit: int = 200, before: str | None = None
    ) -> Sequence[Message]:
        """The last of the shown branch, oldest first. Raises `ChatNotFound` and `MessageNotFound`."""

        def work(connection: Connection) -> Sequence[Message]:
            _, start = _found(connection, caller, chat_id)
            if before is not None:
                start = _parent(connection, start, before)
            page = {"start": start, "most": limit}
            return tuple(message_of(row) for row in connection.execute(_BRANCH, page).mappings())

        return await self._store.read(work)

    async def rename(self, caller: Caller, chat_id: str, title: str) -> Chat:
        """Give it another title. Raises `ChatNotFound`."""

        def work(connection: Connection) -> Chat:
            chat, _ = _found(connection, caller, chat_id)
            column = conversations.c
            connection.execute(
                update(conversations).where(column.chat_id == chat.chat_id).values(title=title)
            )
            return replace(chat, title=title)

        return await self._store.write(work)

    async def delete(self, caller: Caller, chat_id: str) -> None:
        """Remove it with its messages and recorded answers. Raises `ChatNotFound`."""

        def work(connection: Connection) -> None:
            chat, _ = _found(connection, caller, chat_id)
            column = conversations.c
            connection.execute(delete(conversations).where(column.chat_id == chat.chat_id))
            lease_rows.end_all(connection, chat.chat_id)

        await self._store.write(work)


def _found(connection: Connection, caller: Caller, chat_id: str) -> tuple[Chat, str | None]:
    """The chat, and the last message shown. Raises `ChatNotFound`."""
    asked = {"chat": chat_id, **rights(caller)}
    row = connection.execute(CONVERSATION, asked).mappings().first()
    if row is None:
        raise ChatNotFound(f"No chat has the id {chat_id!r}.")
    return chat_of(row), row[conversations.c.leaf_id]


def _parent(connection: Connection, leaf: str | None, message_id: str) -> str | None:
    """What the message answers or follows. Raises `MessageNotFound` when it is not on the branch."""
    place = {"start": leaf, "most": DEEPEST, "message": message_id}
    row = connection.execute(_ON_BRANCH, place).first()
    if row is None:
        raise MessageNotFound(f"This chat has no message {message_id!r}.")
    return row.parent_id


def _parameters() -> tuple[ColumnElement[str], ColumnElement[int]]:
    return bindparam("start", type_=StoredId), bindparam("most")


def _page() -> Select[*tuple[Any, ...]]:
    way = branch(*_parameters())
    return (
        select(messages, answers)
        .select_from(way)
        .join(messages, messages.c.message_id == way.c.message_id)
        .outerjoin(answers, answers.c.answer_id == messages.c.message_id)
        .order_by(way.c.depth.desc())
    )


def _place() -> Select[*tuple[Any, ...]]:
    way = branch(*_parameters())
    message = bindparam("message", type_=StoredId)
    return (
        select(way.c.parent_id)
        .where(or_(way.c.message_id == message, way.c.client_id == message))
        .order_by(way.c.depth)
        .limit(1)
    )


_BRANCH = _page()
_ON_BRANCH = _place()
