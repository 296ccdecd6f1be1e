"""What a caller may see, as conditions: another person's row is as absent as one that never was."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Select,
    bindparam,
    case,
    or_,
    select,
    true,
)

from services.store.columns import StoredId
from services.store.schema import conversations
from use_cases.kernel.model import Caller


def visible(caller: Caller, owner: Column[str]) -> ColumnElement[bool]:
    """The rows that are filed under the caller; all, for one who owns all."""
    return true() if caller.owns_all else owner == caller.user_id


def visible_to(owner: Column[str]) -> ColumnElement[bool]:
    """The same for a statement that is made once; `rights` are its parameters."""
    user = bindparam("caller", type_=StoredId)
    return or_(owner == user, bindparam("owns_all", type_=Boolean))


def rights(caller: Caller) -> Mapping[str, object]:
    """The parameters of `visible_to`."""
    return {"caller": caller.user_id, "owns_all": caller.owns_all}


def _conversation() -> Select[*tuple[Any, ...]]:
    column = conversations.c
    given = bindparam("chat", type_=StoredId)
    user = bindparam("caller", type_=StoredId)
    rank = case((column.chat_id == given, 0), (column.user_id == user, 1), else_=2)
    return (
        select(conversations)
        .where(or_(column.chat_id == given, column.client_id == given))
        .where(visible_to(column.user_id))
        .order_by(rank, column.updated_at.desc(), column.chat_id.desc())
        .limit(1)
    )


CONVERSATION = _conversation()
"""The caller's conversation with the id `chat`, its own or the frontend's: at most one row.

Its own id comes first, then the id of the caller's frontend, then another's (the last used).
"""
