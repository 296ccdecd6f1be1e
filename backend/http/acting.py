"""On whose behalf a request acts: the caller, and the user that the request names."""

from dataclasses import replace

from backend.errors import UserMismatch
from use_cases.kernel.model import Caller


def acting_for(caller: Caller, user_id: str | None) -> Caller:
    """The caller as this user. Raises `UserMismatch` for a user who is not the caller.

    The one person of local mode may act for anyone: a frontend of theirs keeps its users apart by
    these ids.
    """
    if user_id is None or user_id == caller.user_id:
        return caller
    if caller.owns_all:
        return replace(caller, user_id=user_id)
    raise UserMismatch("The request names a user who is not the caller.")
