"""Servers that require keys, and keys for them."""

from datetime import timedelta

import anyio

from backend.settings.settings import Settings
from tests.backend.http.conftest import candor
from use_cases.kernel.identity.manage_keys import NewApiKey
from use_cases.kernel.model import Scope

EVERYTHING = tuple(Scope)
UNKNOWN = f"cndr_{'z' * 10}_{'z' * 40}"


def requiring(settings: Settings, **told: object) -> Settings:
    """The settings of a server that asks for keys."""
    return settings.model_copy(update={"auth_mode": "required", **told})


def make_key(
    settings: Settings,
    user: str = "anna",
    *,
    scopes: tuple[Scope, ...] = EVERYTHING,
    life: timedelta | None = None,
) -> NewApiKey:
    """A key in the database of these settings, made as another process would."""

    async def make() -> NewApiKey:
        async with candor(settings) as making:
            return await making.identity.manage_keys.create(
                user, label="test", scopes=scopes, life=life
            )

    return anyio.run(make)


def key_of(settings: Settings, user: str, *scopes: Scope) -> dict[str, str]:
    """The header that carries a new key of the user's, with these scopes or all."""
    return bearing(make_key(settings, user, scopes=scopes or EVERYTHING))


def revoke_key(settings: Settings, name: str) -> None:
    """End it, as another process would."""

    async def revoke() -> None:
        async with candor(settings) as ending:
            await ending.identity.manage_keys.revoke(name)

    anyio.run(revoke)


def bearing(key: NewApiKey | str) -> dict[str, str]:
    """The header that carries the key."""
    return {"X-API-Key": key if isinstance(key, str) else key.secret}
