"""The user on whose behalf a request acts: the caller, or the user that the request names."""

from dataclasses import replace
from typing import Annotated, TypeAlias

from fastapi import Depends

from backend.errors import UserMismatch
from backend.http.dependencies import Person
from backend.http.fields import OwnerQuery
from use_cases.kernel.model import Caller


def acting_for(caller: Caller, user_id: str | None) -> Caller:
    """Return the caller as this user. Raises `UserMismatch` for a user who is not the caller.

    The one user of local mode may act for any: their frontend keeps its users apart by these ids.
    """
    if user_id is None or user_id == caller.user_id:
        return caller
    if caller.owns_all:
        return replace(caller, user_id=user_id)
    raise UserMismatch("The request names a user who is not the caller.")


async def _owner(person: Person, user_id: OwnerQuery = None) -> Caller:
    """Return the caller, or exactly the user that the address names."""
    acting = acting_for(person, user_id)
    return acting if user_id is None else replace(acting, owns_all=False)


Owner: TypeAlias = Annotated[Caller, Depends(_owner)]
"""The owner of the chat: in local mode, frontends of two users may have given the same id to
theirs.
"""
