"""API keys: their table, and the kernel's port `ApiKeys`.

Nothing is kept in memory here: what one process revokes, another sees at its next reading.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.types import TypeDecorator

from services.store.paging import NewestFirst
from services.store.people import provide_user
from services.store.rows import Rows, SqlAdapter, refers, required, table_of
from use_cases.kernel.errors import Conflict
from use_cases.kernel.identity.api_key import ApiKey
from use_cases.kernel.identity.errors import ApiKeyNotFound
from use_cases.kernel.model import Page, Scope


class StoredScopes(TypeDecorator[frozenset[Scope]]):
    """Scopes as a JSON list. One that a newer version knows gives no right here."""

    impl = sa.JSON
    cache_ok = True

    def process_bind_param(
        self, value: frozenset[Scope] | None, dialect: sa.Dialect
    ) -> Sequence[str] | None:
        """Their names."""
        return None if value is None else sorted(value)

    def process_result_value(
        self, value: Sequence[str] | None, dialect: sa.Dialect
    ) -> frozenset[Scope] | None:
        """Returns those of them that are known."""
        return None if value is None else frozenset(one for one in Scope if one.value in value)


api_keys = table_of(
    ApiKey,
    "api_keys",
    sa.Column("scopes", StoredScopes, nullable=False),
    refers("user_id", "users.user_id"),
    sa.UniqueConstraint("prefix"),
    sa.Index(None, "user_id"),
    key="key_id",
    ids="prefix digest",
)
"""A key: its public prefix and the SHA-256 of the whole; the key itself is nowhere.

`tokens_per_day` and `cost_per_day` are limits of its own; NULL for those of the settings.
"""

_KEYS = Rows(ApiKey, api_keys, "API key")
_NEWEST = NewestFirst(_KEYS, api_keys.c.created_at)


class SqlApiKeys(SqlAdapter):
    """Keys in a database."""

    async def add(self, key: ApiKey) -> None:
        """Keeps it, and makes its user where the name is new. Raises `Conflict`."""

        def work(connection: sa.Connection) -> None:
            provide_user(connection, key.user_id, key.created_at)
            try:
                connection.execute(sa.insert(api_keys), _KEYS.values(key))
            except IntegrityError as error:
                raise Conflict("An API key with this prefix already exists.") from error

        await self._store.write(work)

    async def by_prefix(self, prefix: str) -> ApiKey | None:
        """Returns the key with exactly this prefix, in force or not."""
        return await self._one(_KEYS, api_keys.c.prefix == prefix)

    async def by_id(self, key_id: str) -> ApiKey | None:
        """Returns the key with this id, in force or not."""
        return await self._one(_KEYS, api_keys.c.key_id == key_id)

    async def keys(
        self, *, user_id: str | None = None, limit: int = 100, offset: int = 0
    ) -> Page[ApiKey]:
        """Returns every key (of one user), the newest first."""
        own = sa.true() if user_id is None else api_keys.c.user_id == user_id
        return await self._store.read(
            lambda connection: _NEWEST.page(connection, own, limit=limit, offset=offset)
        )

    async def revoke(self, name: str, at: datetime) -> ApiKey:
        """Ends the key of this id or prefix. Raises `ApiKeyNotFound`."""
        named = sa.or_(api_keys.c.key_id == name, api_keys.c.prefix == name)
        ended = sa.update(api_keys).where(named, api_keys.c.revoked_at.is_(None))

        await self._run(ended, {"revoked_at": at})
        return required(
            await self._one(_KEYS, named), ApiKeyNotFound("No API key has this id or prefix.")
        )

    async def used(self, key_id: str, at: datetime) -> None:
        """Keeps when it was last used, unless a later use is kept."""
        before = sa.or_(api_keys.c.last_used_at.is_(None), api_keys.c.last_used_at < at)
        seen = sa.update(api_keys).where(api_keys.c.key_id == key_id, before)
        await self._run(seen, {"last_used_at": at})
