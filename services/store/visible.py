"""What a caller may see, as conditions: another person's row is as absent as one that never was."""

from sqlalchemy import Column, ColumnElement, Select, case, or_, select, true

from services.store.schema import conversations
from use_cases.kernel.model import Caller


def visible(caller: Caller, owner: Column[str]) -> ColumnElement[bool]:
    """The rows that are filed under the caller; all, for one who owns all."""
    return true() if caller.owns_all else owner == caller.user_id


def conversation(caller: Caller, chat_id: str) -> Select[*tuple[object, ...]]:
    """The caller's conversation with this id, its own or the frontend's: at most one row.

    Its own id comes first, then the caller's frontend, then another one's (the last used).
    """
    column = conversations.c
    rank = case((column.chat_id == chat_id, 0), (column.user_id == caller.user_id, 1), else_=2)
    return (
        select(conversations)
        .where(or_(column.chat_id == chat_id, column.client_id == chat_id))
        .where(visible(caller, column.user_id))
        .order_by(rank, column.updated_at.desc(), column.chat_id.desc())
        .limit(1)
    )
