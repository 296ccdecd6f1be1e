"""What `candor keys` shows of a key, as JSON: never what it opens, but for the one it just made."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, Field

from use_cases.kernel.identity import ApiKey
from use_cases.kernel.keys import NewApiKey
from use_cases.kernel.model import Scope


class KeyState(StrEnum):
    """Whether a key can be used."""

    IN_FORCE = "in force"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Key(BaseModel):
    """What is known of an API key."""

    id: str
    prefix: str = Field(description="The public part of the key, by which it is told from others.")
    user_id: str
    label: str
    scopes: list[Scope]
    state: KeyState
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute.")
    revoked_at: datetime | None

    @classmethod
    def of(cls, key: ApiKey, now: datetime) -> Self:
        """The key as it stands now."""
        return cls.model_validate(_fields(key, now))


class MadeKey(Key):
    """A key that was just made, with the key itself, this once."""

    key: str

    @classmethod
    def just(cls, made: NewApiKey, now: datetime) -> Self:
        """The key with its secret."""
        return cls.model_validate({"key": made.secret, **_fields(made.key, now)})


class KeyPage(BaseModel):
    """Some keys, the newest first."""

    keys: list[Key]
    next_offset: int | None

    @classmethod
    def of(cls, found: Sequence[ApiKey], now: datetime, *, limit: int, offset: int) -> Self:
        """The first `limit` of what was found; one more says that there is a next page."""
        shown = [Key.of(key, now) for key in found[:limit]]
        return cls(keys=shown, next_offset=offset + limit if len(found) > limit else None)


def _fields(key: ApiKey, now: datetime) -> dict[str, object]:
    return {
        "id": key.key_id,
        "prefix": key.prefix,
        "user_id": key.user_id,
        "label": key.label,
        "scopes": [scope for scope in Scope if scope in key.scopes],
        "state": _state(key, now),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
        "revoked_at": key.revoked_at,
    }


def _state(key: ApiKey, now: datetime) -> KeyState:
    if key.revoked_at is not None:
        return KeyState.REVOKED
    return KeyState.IN_FORCE if key.in_force(now) else KeyState.EXPIRED
