"""API keys in the relational store, as the kernel's port `ApiKeys`.

Nothing is kept in memory: what one process revokes, another sees at its next reading.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, RowMapping, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from services.store.people import provide_user
from services.store.schema import api_keys
from services.store.store import Store
from use_cases.kernel.errors import Conflict
from use_cases.kernel.identity.api_key import ApiKey
from use_cases.kernel.identity.errors import ApiKeyNotFound
from use_cases.kernel.model import Scope


class SqlApiKeys:
    """Keys in a `Store`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, key: ApiKey) -> None:
        """Keep it, and make its user where the name is new. Raises `Conflict`."""

        def work(connection: Connection) -> None:
            provide_user(connection, key.user_id, key.created_at)
            try:
                connection.execute(insert(api_keys), _row(key))
            except IntegrityError as error:
                raise Conflict("An API key with this prefix already exists.") from error

        await self._store.write(work)

    async def by_prefix(self, prefix: str) -> ApiKey | None:
        """The key with exactly this prefix, in force or not."""
        one = select(api_keys).where(api_keys.c.prefix == prefix)

        def work(connection: Connection) -> ApiKey | None:
            row = connection.execute(one).mappings().first()
            return None if row is None else _key(row)

        return await self._store.read(work)

    async def keys(
        self, *, user_id: str | None = None, limit: int = 100, offset: int = 0
    ) -> Sequence[ApiKey]:
        """Every key (of one user), the newest first."""
        page = select(api_keys).order_by(api_keys.c.created_at.desc(), api_keys.c.key_id.desc())
        if user_id is not None:
            page = page.where(api_keys.c.user_id == user_id)
        page = page.limit(limit).offset(offset)

        def work(connection: Connection) -> Sequence[ApiKey]:
            return tuple(_key(row) for row in connection.execute(page).mappings())

        return await self._store.read(work)

    async def revoke(self, name: str, at: datetime) -> ApiKey:
        """End the key of this id or prefix. Raises `ApiKeyNotFound`."""
        named = or_(api_keys.c.key_id == name, api_keys.c.prefix == name)
        ended = update(api_keys).where(named, api_keys.c.revoked_at.is_(None))

        def work(connection: Connection) -> ApiKey:
            connection.execute(ended, {"revoked_at": at})
            row = connection.execute(select(api_keys).where(named)).mappings().first()
            if row is None:
                raise ApiKeyNotFound("No API key has this id or prefix.")
            return _key(row)

        return await self._store.write(work)

    async def used(self, key_id: str, at: datetime) -> None:
        """Keep when it was last used, unless a later use is kept."""
        before = or_(api_keys.c.last_used_at.is_(None), api_keys.c.last_used_at < at)
        seen = update(api_keys).where(api_keys.c.key_id == key_id, before)
        await self._store.write(lambda connection: connection.execute(seen, {"last_used_at": at}))


def _row(key: ApiKey) -> dict[str, object]:
    return {
        "key_id": key.key_id,
        "prefix": key.prefix,
        "digest": key.digest,
        "user_id": key.user_id,
        "label": key.label,
        "scopes": sorted(key.scopes),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
        "revoked_at": key.revoked_at,
        "tokens_per_day": key.tokens_per_day,
        "cost_per_day": key.cost_per_day,
    }


def _key(row: RowMapping) -> ApiKey:
    # A scope that a newer version knows gives no right here.
    told = cast("Sequence[str]", row["scopes"])
    return ApiKey(
        key_id=row["key_id"],
        prefix=row["prefix"],
        user_id=row["user_id"],
        label=row["label"],
        scopes=frozenset(scope for scope in Scope if scope.value in told),
        created_at=row["created_at"],
        digest=row["digest"],
        expires_at=row["expires_at"],
        last_used_at=row["last_used_at"],
        revoked_at=row["revoked_at"],
        tokens_per_day=row["tokens_per_day"],
        cost_per_day=row["cost_per_day"],
    )
