"""The JSON form of an API key: without its secret, except for a key that was just made."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, Field

from use_cases.kernel.identity.admission import Used
from use_cases.kernel.identity.api_key import ApiKey
from use_cases.kernel.identity.manage_keys import KeyUse, NewApiKey
from use_cases.kernel.model import Scope
from use_cases.kernel.page import Page


class KeyState(StrEnum):
    """The state of a key."""

    IN_FORCE = "in force"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Key(BaseModel):
    """An API key without its secret."""

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
    tokens_per_day: int | None = Field(
        description="Its own limit; null for the server's, 0 for none."
    )
    cost_per_day: Decimal | None = Field(description="The same in US dollars.")

    @classmethod
    def revoked(cls, key: ApiKey) -> Self:
        """Return a key that was just revoked."""
        return cls.model_validate(_fields(key, KeyState.REVOKED))


class CreatedKey(Key):
    """A key that was just made, with the key itself, this once."""

    key: str

    @classmethod
    def just(cls, made: NewApiKey) -> Self:
        """Return the key with its secret."""
        return cls.model_validate({"key": made.secret, **_fields(made.key, KeyState.IN_FORCE)})


class Today(BaseModel):
    """A key's usage since midnight (UTC)."""

    answers: int
    tokens: int
    cost: Decimal = Field(description="In US dollars.")
    estimated: int = Field(
        description="Answers whose tokens or cost are not known and count as UNKNOWN_TOKENS and UNKNOWN_COST."
    )


class KeyLimits(BaseModel):
    """The limits of a key: its own, or the server's; null for none."""

    tokens: int | None
    cost: Decimal | None


class ListedKey(Key):
    """A key with its usage today and its limits."""

    today: Today
    limits: KeyLimits

    @classmethod
    def using(cls, key: ApiKey, use: KeyUse) -> Self:
        """Return the key in its state at the time of its usage."""
        used, budget = use.used.get(key.key_id, Used()), use.budget.of(key)
        today = Today(
            answers=used.answers, tokens=used.tokens, cost=used.cost, estimated=used.estimated
        )
        limits = KeyLimits(tokens=budget.tokens or None, cost=budget.cost or None)
        return cls.model_validate(
            {**_fields(key, _state(key, use.at)), "today": today, "limits": limits}
        )


class KeyPage(BaseModel):
    """Some keys, the newest first."""

    keys: list[ListedKey]
    next_offset: int | None

    @classmethod
    def of(cls, page: Page[ApiKey], use: KeyUse, *, limit: int, offset: int) -> Self:
        """Return a page of keys with their usage."""
        shown = [ListedKey.using(key, use) for key in page]
        return cls(keys=shown, next_offset=offset + limit if page.more else None)


def _fields(key: ApiKey, state: KeyState) -> dict[str, object]:
    return {
        "id": key.key_id,
        "prefix": key.prefix,
        "user_id": key.user_id,
        "label": key.label,
        "scopes": [scope for scope in Scope if scope in key.scopes],
        "state": state,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
        "revoked_at": key.revoked_at,
        "tokens_per_day": key.tokens_per_day,
        "cost_per_day": key.cost_per_day,
    }


def _state(key: ApiKey, now: datetime) -> KeyState:
    if key.revoked_at is not None:
        return KeyState.REVOKED
    return KeyState.IN_FORCE if key.in_force(now) else KeyState.EXPIRED
