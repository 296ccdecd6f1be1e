"""The row of a person's conversation, which everything that belongs to one is reached through.

The chat about a draft is no conversation of its own: it is reached through its draft's conversation.
"""

from typing import Any

import sqlalchemy as sa

from services.store.chats import conversations, require_unlocked
from services.store.paging import visible
from use_cases.conversations.errors import ConversationNotFound
from use_cases.kernel.model import Caller

_CHAT = conversations.c


def own_conversation(caller: Caller, chat_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    """The conditions for the row of one of the caller's conversations."""
    return _CHAT.chat_id == chat_id, _CHAT.draft_of.is_(None), visible(caller, _CHAT.user_id)


def find_conversation(
    connection: sa.Connection, caller: Caller, chat_id: str, *, held: bool = False
) -> sa.Row[*tuple[Any, ...]]:
    """The row; `held` until the transaction ends. Raises `ConversationNotFound`."""
    found = sa.select(conversations).where(*own_conversation(caller, chat_id))
    row = connection.execute(found.with_for_update() if held else found).first()
    if row is None:
        raise missing(chat_id)
    return row


def unlocked(connection: sa.Connection, caller: Caller, chat_id: str) -> None:
    """Hold a conversation that may change. Raises `ConversationNotFound` and `ConversationLocked`."""
    find_conversation(connection, caller, chat_id, held=True)
    require_unlocked(connection, chat_id)


def missing(chat_id: str) -> ConversationNotFound:
    """The error for an id that is not there, or not the caller's."""
    return ConversationNotFound(f"No conversation has the id {chat_id!r}.")
