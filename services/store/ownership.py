"""Conditions that select the rows a caller may see: another person's row is as absent as one that never was."""

from collections.abc import Mapping

import sqlalchemy as sa

from services.store.columns import StoredId
from use_cases.kernel.model import Caller


def visible(caller: Caller, owner: sa.Column[str]) -> sa.ColumnElement[bool]:
    """The rows that are filed under the caller; all, for one who owns all."""
    return sa.true() if caller.owns_all else owner == caller.user_id


def visible_to(owner: sa.Column[str]) -> sa.ColumnElement[bool]:
    """The same for a statement that is made once; `rights` are its parameters."""
    user = sa.bindparam("caller", type_=StoredId)
    return sa.or_(owner == user, sa.bindparam("owns_all", type_=sa.Boolean))


def rights(caller: Caller) -> Mapping[str, object]:
    """The parameters of `visible_to`."""
    return {"caller": caller.user_id, "owns_all": caller.owns_all}
