"""Conditions that select the rows a caller may see: another person's row is as absent as one that never was."""

from collections.abc import Mapping

from sqlalchemy import Boolean, Column, ColumnElement, bindparam, or_, true

from services.store.columns import StoredId
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
