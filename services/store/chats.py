"""A person's chats and their messages: the tables, the way along a branch, and chat's port `Chats`.

Everything that belongs to a conversation is reached through its row (`find_conversation`). The chat about a
draft is no conversation of its own: it is reached through its draft's conversation.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.store import leases
from services.store.column_types import StoredEnum, StoredId, StoredOptional, StoredText, UtcMoment
from services.store.paging import NewestFirst, Place, rights, visible, visible_to
from services.store.rows import Rows, SqlAdapter, refers, table_of
from services.store.stored_answers import ANSWERS, answers
from use_cases.chat.errors import ChatNotFound, MessageNotFound
from use_cases.chat.model import Chat, Message, Mode
from use_cases.conversations.drafts.model import DraftReply
from use_cases.conversations.errors import ConversationNotFound
from use_cases.kernel.errors import ConversationLocked
from use_cases.kernel.model import Caller, Page

conversations = table_of(
    Chat,
    "conversations",
    sa.Column("mode", StoredEnum(Mode)),
    sa.Column("leaf_id", StoredId),
    sa.Column("locked_at", UtcMoment),
    # No foreign key: SQLite cannot add one that cascades. See `remove_conversation`.
    sa.Column("draft_of", StoredId),
    refers("user_id", "users.user_id"),
    # In this order a frontend's id alone finds its conversations, too.
    sa.UniqueConstraint("client_id", "user_id"),
    # A page, the last used first, is one walk along an index: one person's, or all.
    sa.Index(None, "user_id", "updated_at", "chat_id"),
    sa.Index(None, "updated_at", "chat_id"),
    sa.Index(None, "draft_of", unique=True),
    key="chat_id",
)
"""A conversation of one person. `leaf_id` is the last message of the branch that is shown.

`client_id` is the id that the person's own frontend gave it, unique among theirs. `draft_of` is there
for the chat about a project draft: the conversation that the draft is made of. `locked_at`:
since then a project is made of it. `mode` is NULL until somebody chooses one: an imported conversation
is then open, any other grounded.
"""


messages = table_of(
    Message,
    "messages",
    sa.Column("hidden", sa.Boolean),
    sa.Column("model_messages", StoredText),
    sa.Column("reply", StoredOptional[DraftReply](DraftReply)),
    refers("chat_id", "conversations.chat_id"),
    # No cascade: SQLite would go down message by message, and fails below the thousandth.
    refers("parent_id", "messages.message_id", cascade=False),
    sa.Index(None, "chat_id", "created_at", "message_id"),
    # A deletion looks for children by their parent.
    sa.Index(None, "parent_id"),
    key="message_id",
    without="answer siblings",
)
"""A message of a conversation, in a tree: two answers to one question have one parent.

`parts` is what a reader sees, in order; `model_messages` what the next turn gives the model.
An answer's message has the answer's id. Readers and models pass over a `hidden` one. `reply` is the
record of a reply about a project draft.
"""


_IMPORTED = sa.table("imports", sa.column("chat_id", StoredId))
_USUAL_MODE = sa.case(
    (sa.exists().where(_IMPORTED.c.chat_id == conversations.c.chat_id), Mode.OPEN.value),
    else_=Mode.GROUNDED.value,
)
MODE = sa.func.coalesce(conversations.c.mode, _USUAL_MODE, type_=StoredEnum(Mode))
"""The mode of a conversation: the one that was chosen, else the usual one of its origin."""

CHATS = Rows(Chat, conversations, "chat", computed={"mode": MODE})
MESSAGES = Rows(Message, messages, "message", elsewhere=("answer", "siblings"))

_LAST_USED = NewestFirst(CHATS, conversations.c.updated_at)

DEEPEST = 1_000_000
"""Where a walk ends in a damaged database whose messages are each other's parents."""


SHOWN = messages.c.hidden.is_not(sa.true())


def branch(start: sa.ColumnElement[str], most: sa.ColumnElement[int]) -> sa.CTE:
    """Up to `most` shown messages from `start` upwards, and the hidden ones between them.

    `depth` counts the shown ones from 0 at `start`, `steps` all.
    """
    one, nothing = messages.c, sa.literal(0)
    own = (one.message_id, one.parent_id, one.client_id, one.role, one.hidden)
    way = (
        sa.select(*own, nothing.label("depth"), nothing.label("steps"))
        .where(one.message_id == start)
        .cte("branch", recursive=True)
    )
    up = messages.alias("up").c
    depth = way.c.depth + sa.case((way.c.hidden, 0), else_=1)
    above = (up.message_id, up.parent_id, up.client_id, up.role, up.hidden)
    return way.union_all(
        sa.select(*above, depth, way.c.steps + 1)
        .where(up.message_id == way.c.parent_id)
        .where(depth < most, way.c.steps < DEEPEST)
    )


def require_unlocked(connection: sa.Connection, chat_id: str) -> None:
    """Raises `ConversationLocked` for a conversation of which a project was made."""
    if connection.scalar(_LOCKED, {"chat": chat_id}) is not None:
        raise locked()


def locked() -> ConversationLocked:
    """Returns the error for a conversation of which a project was made."""
    return ConversationLocked("A project was made of this conversation, so it is locked.")


def remove_conversation(connection: sa.Connection, chat_id: str) -> None:
    """Removes a conversation with all that hangs on it, also the chat about its project draft."""
    column = conversations.c
    own = sa.or_(column.chat_id == chat_id, column.draft_of == chat_id)
    for found in connection.scalars(sa.select(column.chat_id).where(own)).all():
        leases.end_all(connection, found)
    connection.execute(sa.delete(conversations).where(own))


class SqlChats(SqlAdapter):
    """Chats in a database."""

    async def chat(self, caller: Caller, chat_id: str) -> Chat:
        """Returns a chat, by its own id or the frontend's. Raises `ChatNotFound`."""
        chat, _ = await self._store.read(lambda connection: _found(connection, caller, chat_id))
        return chat

    async def chats(
        self,
        caller: Caller,
        *,
        user_id: str | None = None,
        limit: int = 50,
        before: str | None = None,
    ) -> Page[Chat]:
        """Returns the last used first, after `before`. Raises `ChatNotFound` for that one."""
        column = conversations.c
        own = [visible(caller, column.user_id), column.draft_of.is_(None)]
        if user_id is not None:
            own.append(column.user_id == user_id)

        def work(connection: sa.Connection) -> Page[Chat]:
            after: Place | None = None
            if before is not None:
                seen, _ = _found(connection, caller, before)
                after = (seen.updated_at, seen.chat_id)
            return _LAST_USED.page(connection, *own, limit=limit, after=after)

        return await self._store.read(work)

    async def messages(
        self, caller: Caller, chat_id: str, *, limit: int = 200, before: str | None = None
    ) -> Page[Message]:
        """Returns the last of the shown branch, oldest first. Raises `ChatNotFound` and
        `MessageNotFound`.
        """

        def work(connection: sa.Connection) -> Page[Message]:
            _, start = _found(connection, caller, chat_id)
            if before is not None:
                start = _parent(connection, start, before)
            page = {"start": start, "most": limit + 1}
            found = [_message(row) for row in connection.execute(_BRANCH, page)]
            return Page(_with_siblings(connection, found[-limit:]), more=len(found) > limit)

        return await self._store.read(work)

    async def change(
        self, caller: Caller, chat_id: str, *, title: str | None, mode: Mode | None
    ) -> Chat:
        """Gives it another title or mode. Raises `ChatNotFound` and `ConversationLocked`."""

        def work(connection: sa.Connection) -> Chat:
            chat, _ = _found(connection, caller, chat_id)
            require_unlocked(connection, chat.chat_id)
            changed = replace(chat, title=title or chat.title, mode=mode or chat.mode)
            values = (
                {"title": changed.title} if mode is None else {"title": changed.title, "mode": mode}
            )
            own = conversations.c.chat_id == chat.chat_id
            connection.execute(sa.update(conversations).where(own).values(values))
            return changed

        return await self._store.write(work)

    async def delete(self, caller: Caller, chat_id: str) -> None:
        """Removes it with its messages and recorded answers. Raises `ChatNotFound`."""

        def work(connection: sa.Connection) -> None:
            chat, _ = _found(connection, caller, chat_id)
            remove_conversation(connection, chat.chat_id)

        await self._store.write(work)


def find_chat(
    connection: sa.Connection, caller: Caller, chat_id: str, *, held: datetime | None = None
) -> tuple[Chat, str | None, datetime | None, bool] | None:
    """Returns the chat, the last message shown, and when it was locked; None for none.

    It is `held` from that moment until the transaction ends; the last value is whether a killed process has
    left a lease of it.
    """
    given: dict[str, object] = {"chat": chat_id, **rights(caller)}
    if held is None:
        row = connection.execute(_CONVERSATION, given).first()
    else:
        row = connection.execute(_HELD_CONVERSATION, {**given, "moment": held}).first()
    return None if row is None else (CHATS.of(row[:-3]), row[-3], row[-2], row[-1])


def _found(connection: sa.Connection, caller: Caller, chat_id: str) -> tuple[Chat, str | None]:
    """Returns the chat, and the last message shown. Raises `ChatNotFound`."""
    found = find_chat(connection, caller, chat_id)
    if found is None:
        raise ChatNotFound(f"No chat has the id {chat_id!r}.")
    return found[:2]


def _message(row: sa.Row[*tuple[Any, ...]]) -> Message:
    """Reads a row of `_BRANCH`. Raises `StorageDamaged`."""
    own = len(MESSAGES.columns)
    return MESSAGES.of(row[:own], answer=ANSWERS.found(row[own:]), siblings=())


def _with_siblings(connection: sa.Connection, found: Sequence[Message]) -> Sequence[Message]:
    """Returns the messages of one chat with the ids of all that stand in their places."""
    places = {one.parent_id for one in found}
    column = messages.c
    below = column.parent_id.in_([place for place in places if place is not None])
    if None in places:
        below = sa.or_(below, column.parent_id.is_(None) & (column.chat_id == found[0].chat_id))
    rows = connection.execute(
        sa.select(column.parent_id, column.message_id)
        .where(below, SHOWN)
        .order_by(column.created_at, column.message_id)
    )
    by_place: defaultdict[str | None, list[str]] = defaultdict(list)
    for parent_id, message_id in rows:
        by_place[parent_id].append(message_id)
    return [replace(one, siblings=by_place[one.parent_id]) for one in found]


def _parent(connection: sa.Connection, leaf: str | None, message_id: str) -> str | None:
    """Returns the message before this one. Raises `MessageNotFound` when it is not on the branch."""
    place = {"start": leaf, "most": DEEPEST, "message": message_id}
    row = connection.execute(_ON_BRANCH, place).first()
    if row is None:
        raise MessageNotFound(f"This chat has no message {message_id!r}.")
    return row.parent_id


def _conversation(left: sa.ColumnElement[bool]) -> sa.Select[*tuple[Any, ...]]:
    column = conversations.c
    given = sa.bindparam("chat", type_=StoredId)
    user = sa.bindparam("caller", type_=StoredId)
    rank = sa.case((column.chat_id == given, 0), (column.user_id == user, 1), else_=2)
    return (
        sa.select(*CHATS.columns, column.leaf_id, column.locked_at, left)
        .where(
            sa.or_(column.chat_id == given, column.client_id == given), column.draft_of.is_(None)
        )
        .where(visible_to(column.user_id))
        .order_by(rank, column.updated_at.desc(), column.chat_id.desc())
        .limit(1)
    )


_LOCKED = sa.select(conversations.c.locked_at).where(
    conversations.c.chat_id == sa.bindparam("chat", type_=StoredId)
)
_CONVERSATION = _conversation(sa.false())
"""The caller's conversation with the id `chat`, its own or the frontend's: at most one row.

The chat about a draft is read through its draft alone.

Its own id comes first, then the id of the caller's frontend, then another's (the last used).
"""
_HELD_CONVERSATION = _conversation(leases.left_under(conversations.c.chat_id)).with_for_update(
    of=conversations
)


def _parameters() -> tuple[sa.ColumnElement[str], sa.ColumnElement[int]]:
    return sa.bindparam("start", type_=StoredId), sa.bindparam("most")


def _page() -> sa.Select[*tuple[Any, ...]]:
    way = branch(*_parameters())
    return (
        sa.select(*MESSAGES.columns, *ANSWERS.columns)
        .select_from(way)
        .join(messages, messages.c.message_id == way.c.message_id)
        .outerjoin(answers, answers.c.answer_id == messages.c.message_id)
        .where(SHOWN)
        .order_by(way.c.depth.desc())
    )


def _place() -> sa.Select[*tuple[Any, ...]]:
    way = branch(*_parameters())
    message = sa.bindparam("message", type_=StoredId)
    return (
        sa.select(way.c.parent_id)
        .where(sa.or_(way.c.message_id == message, way.c.client_id == message))
        .order_by(way.c.steps)
        .limit(1)
    )


_BRANCH = _page()
_ON_BRANCH = _place()


_CHAT = conversations.c


def own_conversation(caller: Caller, chat_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Returns the conditions for the row of one of the caller's conversations."""
    return _CHAT.chat_id == chat_id, _CHAT.draft_of.is_(None), visible(caller, _CHAT.user_id)


def find_conversation(
    connection: sa.Connection, caller: Caller, chat_id: str, *, held: bool = False
) -> sa.Row[*tuple[Any, ...]]:
    """Returns the row; `held` until the transaction ends. Raises `ConversationNotFound`."""
    found = sa.select(conversations).where(*own_conversation(caller, chat_id))
    row = connection.execute(found.with_for_update() if held else found).first()
    if row is None:
        raise missing(chat_id)
    return row


def unlocked(connection: sa.Connection, caller: Caller, chat_id: str) -> None:
    """Holds a conversation that may change. Raises `ConversationNotFound` and `ConversationLocked`."""
    find_conversation(connection, caller, chat_id, held=True)
    require_unlocked(connection, chat_id)


def missing(chat_id: str) -> ConversationNotFound:
    """Returns the error for an id that is not there, or not the caller's."""
    return ConversationNotFound(f"No conversation has the id {chat_id!r}.")
