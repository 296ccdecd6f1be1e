"""Routes for administrators: the API keys and the users of the server.

Promises: a key is shown once, by the answer that creates it; no administrator can create a key with a scope
that the request itself lacks, or shut themselves out. In local mode the one user is the administrator.
"""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import Query
from pydantic import BeforeValidator, Field, StrictBool

from backend.http.dependencies import (
    JSON_ONLY,
    NUMERIC,
    Administrator,
    Candor,
    FreeText,
    Page,
    Router,
    StrictBody,
    ThingId,
    UserId,
)
from backend.http.playground_request import dollars
from backend.http.problems import WRITING, documented
from backend.schemas.json_shape import OffsetPage, Schema, shape_of
from use_cases.kernel.errors import InvalidInput, StorageBusy
from use_cases.kernel.identity.admission import Budget
from use_cases.kernel.identity.api_key import ApiKey
from use_cases.kernel.identity.errors import ApiKeyNotFound, ScopeMissing, UserNotFound
from use_cases.kernel.identity.users import User
from use_cases.kernel.model import Scope

router = Router(prefix="/api", tags=["sign-in"])

_WRITING = (*WRITING, InvalidInput)
_LONGEST_DAYS = 3660
_MOST = 2_000_000_000


@shape_of(ApiKey, omit=["digest"], id="key_id")
class KeyReply(Schema):
    """An API key without its secret. Its limits are its own: null for the server's, 0 for none."""

    scopes: Annotated[list[Scope], BeforeValidator(sorted)]


class NewKeyReply(KeyReply):
    """A new key, whole: `key` is not shown again."""

    key: str


class KeyPage(OffsetPage):
    """Some of the keys, the newest first."""

    keys: list[KeyReply]


@shape_of(User, omit=["issuer", "subject", "deactivated_at"], id="user_id")
class UserReply(Schema):
    """A user. An inactive one cannot sign in, and has no API key in force."""

    is_active: bool


class UserPage(OffsetPage):
    """Some of the users, the newest first."""

    users: list[UserReply]


class NewKey(StrictBody):
    """The user, the rights and the limits of a new API key."""

    user_id: UserId = Field(description="The user of the key, known or new.")
    label: FreeText = Field(min_length=1, max_length=100, description="What the key is for.")
    scopes: list[Scope] = Field(
        default=[Scope.CHAT, Scope.KNOWLEDGE_READ, Scope.ADVICE], min_length=1, max_length=50
    )
    expires_days: Annotated[int, Field(ge=1, le=_LONGEST_DAYS), NUMERIC] | None = Field(
        default=None, description="How long it is valid; null: until it is revoked."
    )
    tokens_per_day: Annotated[int, Field(ge=0, le=_MOST), NUMERIC] | None = Field(
        default=None, description="0 is no limit; null: TOKENS_PER_DAY."
    )
    cost_per_day: Annotated[float, Field(ge=0, le=1_000_000), NUMERIC] | None = Field(
        default=None, description="US dollars; 0 is no limit; null: COST_PER_DAY."
    )


class UserChange(StrictBody):
    """What changes of a user; null stays as it is."""

    is_admin: StrictBool | None = None
    is_active: StrictBool | None = None


@router.get("/keys", responses=documented())
async def list_keys(
    candor: Candor,
    _administrator: Administrator,
    page: Page,
    user_id: Annotated[
        str | None, Query(max_length=128, description="Only keys of this user.")
    ] = None,
) -> KeyPage:
    """The API keys of all users, the newest first, in force or not."""
    found = await candor.identity.manage_keys.list(
        user_id=user_id, limit=page.limit, offset=page.offset
    )
    return KeyPage.of_page(found, limit=page.limit, offset=page.offset)


@router.post(
    "/keys",
    status_code=HTTPStatus.CREATED,
    dependencies=[JSON_ONLY],
    responses=documented(ScopeMissing, *_WRITING),
)
async def create_key(candor: Candor, administrator: Administrator, body: NewKey) -> NewKeyReply:
    """Create an API key, and show it once. It has no scope that the request lacks."""
    made = await candor.identity.manage_keys.create(
        body.user_id,
        label=body.label,
        scopes=body.scopes,
        life=None if body.expires_days is None else timedelta(days=body.expires_days),
        budget=Budget(body.tokens_per_day, dollars(body.cost_per_day)),
        by=administrator,
    )
    return NewKeyReply.of(made.key, key=made.secret)


@router.delete("/keys/{key_id}", responses=documented(ApiKeyNotFound, StorageBusy))
async def revoke_key(candor: Candor, _administrator: Administrator, key_id: ThingId) -> KeyReply:
    """Revoke a key, by its id or prefix. The next request with it is refused."""
    return KeyReply.of(await candor.identity.manage_keys.revoke(key_id))


@router.get("/users", responses=documented())
async def list_users(candor: Candor, _administrator: Administrator, page: Page) -> UserPage:
    """The users, the newest first: everyone who signed in, or has an API key."""
    found = await candor.identity.manage_users.list(limit=page.limit, offset=page.offset)
    return UserPage.of_page(found, limit=page.limit, offset=page.offset)


@router.patch(
    "/users/{user_id:path}",
    dependencies=[JSON_ONLY],
    responses=documented(UserNotFound, *_WRITING),
)
async def change_user(
    candor: Candor, administrator: Administrator, user_id: str, body: UserChange
) -> UserReply:
    """Say whether a user administers, and may sign in; by id or e-mail address.

    It holds from the user's next request on. An inactive user's sessions and API keys end.
    """
    changed = await candor.identity.manage_users.change(
        user_id, admin=body.is_admin, active=body.is_active, by=administrator
    )
    return UserReply.of(changed)
