"""People whom things are filed under, their sessions and attempts to sign in, and their keys: tables, and the
kernel's ports `Users`, `Sessions`, `Attempts` and `ApiKeys`.

Nothing is kept in memory: what one process ends, another refuses at its next reading.

Nothing is kept in memory here: what one process revokes, another sees at its next reading.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.types import TypeDecorator

from services.store.column_types import StoredId
from services.store.paging import NewestFirst
from services.store.rows import Rows, SqlAdapter, add_unless_there, refers, required, table_of
from use_cases.kernel.errors import Conflict
from use_cases.kernel.identity.api_key import ApiKey
from use_cases.kernel.identity.errors import ApiKeyNotFound, EmailTaken
from use_cases.kernel.identity.sign_in import Attempt
from use_cases.kernel.identity.users import Identity, User, UserSession
from use_cases.kernel.model import Page, Scope

users = table_of(
    User,
    "users",
    sa.Column("is_admin", sa.Boolean),
    sa.UniqueConstraint("email"),
    sa.Index(None, "issuer", "subject", unique=True),
    key="user_id",
    ids="email issuer subject",
)
"""A person; made when a name is first seen, or by a first sign-in at an issuer as a subject.

`is_admin` is NULL where nobody set it; a moment in `deactivated_at` ends sign-ins.
"""

USERS = Rows(User, users, "user")
_TAKEN = "Another user here has this e-mail address."
_NEWEST = NewestFirst(USERS, users.c.created_at)


def provide_user(connection: sa.Connection, user_id: str, moment: datetime) -> None:
    """Makes the person's row where the name is new; nothing for one who is there."""
    add_unless_there(connection, users, {"user_id": user_id, "created_at": moment})


class SqlUsers(SqlAdapter):
    """Users in a database."""

    async def sign_in(self, identity: Identity, user_id: str, at: datetime) -> User:
        """Returns the user of this issuer and subject, made where new. Raises `EmailTaken`."""
        same = (users.c.issuer == identity.issuer) & (users.c.subject == identity.subject)

        def work(connection: sa.Connection) -> User:
            found = USERS.one(connection, same)
            user = replace(
                found or User(user_id=user_id, created_at=at),
                issuer=identity.issuer,
                subject=identity.subject,
                name=identity.name,
                email=identity.email,
            )
            row = USERS.values(user)
            if found is None:
                if add_unless_there(connection, users, row):
                    return user
                # The same person at the same moment, from another browser; or the address is taken.
                if (other := USERS.one(connection, same)) is not None:
                    return other
                raise EmailTaken(_TAKEN)
            if user != found:
                changed = sa.update(users).where(users.c.user_id == user.user_id).values(row)
                try:
                    connection.execute(changed)
                except IntegrityError as error:
                    raise EmailTaken(_TAKEN) from error
            return user

        return await self._store.write(work)

    async def user(self, name: str) -> User | None:
        """Returns the user with this id or e-mail address."""
        named = sa.or_(users.c.user_id == name, users.c.email == name)
        return await self._one(USERS, named)

    async def users(self, *, limit: int = 100, offset: int = 0) -> Page[User]:
        """Returns every user, the newest first."""
        return await self._store.read(
            lambda connection: _NEWEST.page(connection, limit=limit, offset=offset)
        )

    async def change(self, user: User) -> None:
        """Stores the administrator flag and the deactivation."""
        changed = (
            sa.update(users)
            .where(users.c.user_id == user.user_id)
            .values(is_admin=user.is_admin, deactivated_at=user.deactivated_at)
        )
        await self._run(changed)


user_sessions = table_of(
    UserSession,
    "user_sessions",
    sa.Column("user_id", StoredId, nullable=False),
    refers("user_id", "users.user_id"),
    sa.Index(None, "user_id"),
    sa.Index(None, "expires_at"),
    key="digest",
    without="user",
)
"""A session; of its token only the SHA-256 is there."""


sign_in_attempts = table_of(
    Attempt,
    "sign_in_attempts",
    sa.Index(None, "expires_at"),
    key="digest",
)
"""A sign-in that was begun; of its token only the SHA-256 is there."""

_SESSIONS = Rows(UserSession, user_sessions, "session", elsewhere=("user",))
_ATTEMPTS = Rows(Attempt, sign_in_attempts, "attempt to sign in")


class SqlSessions(SqlAdapter):
    """Sessions and attempts in a database."""

    async def add(self, session: UserSession, *, replaced: str | None = None) -> None:
        """Stores a session, and ends the one that it replaces."""
        row = {**_SESSIONS.values(session), "user_id": session.user.user_id}
        ended = sa.delete(user_sessions).where(user_sessions.c.digest == replaced)

        def work(connection: sa.Connection) -> None:
            connection.execute(ended)
            connection.execute(sa.insert(user_sessions), row)

        await self._store.write(work)

    async def by_digest(self, digest: str) -> UserSession | None:
        """Returns the session with its user, in one look."""
        one = (
            sa.select(*_SESSIONS.columns, *USERS.columns)
            .join(users, users.c.user_id == user_sessions.c.user_id)
            .where(user_sessions.c.digest == digest)
        )
        width = len(_SESSIONS.columns)

        def work(connection: sa.Connection) -> UserSession | None:
            row = connection.execute(one).first()
            if row is None:
                return None
            return _SESSIONS.of(row[:width], user=USERS.of(row[width:]))

        return await self._store.read(work)

    async def seen(self, digest: str, at: datetime) -> None:
        """Keeps when it was last used, unless a later use is kept."""
        column = user_sessions.c
        seen = sa.update(user_sessions).where(column.digest == digest, column.seen_at < at)
        await self._run(seen.values(seen_at=at))

    async def end(self, digest: str) -> None:
        """Removes it."""
        own = sa.delete(user_sessions).where(user_sessions.c.digest == digest)
        await self._run(own)

    async def end_all(self, digest: str) -> None:
        """Removes all of its user's."""
        column = user_sessions.c
        user = sa.select(column.user_id).where(column.digest == digest).scalar_subquery()
        own = sa.delete(user_sessions).where(column.user_id == user)
        await self._run(own)

    async def clean(self, now: datetime, idle_before: datetime) -> int:
        """Removes what has expired; how many sessions that were."""
        column = user_sessions.c
        over = sa.delete(user_sessions).where(
            sa.or_(column.expires_at <= now, column.seen_at <= idle_before)
        )

        def work(connection: sa.Connection) -> int:
            _forget_expired(connection, now)
            return connection.execute(over).rowcount

        return await self._store.write(work)

    async def begin(self, attempt: Attempt, now: datetime) -> None:
        """Stores an attempt, and removes the expired ones."""
        row = _ATTEMPTS.values(attempt)

        def work(connection: sa.Connection) -> None:
            _forget_expired(connection, now)
            connection.execute(sa.insert(sign_in_attempts), row)

        await self._store.write(work)

    async def take(self, digest: str) -> Attempt | None:
        """Removes an attempt and returns it, once."""
        taken = (
            sa.delete(sign_in_attempts)
            .where(sign_in_attempts.c.digest == digest)
            .returning(*_ATTEMPTS.columns)
        )

        def work(connection: sa.Connection) -> Attempt | None:
            row = connection.execute(taken).first()
            return None if row is None else _ATTEMPTS.of(row)

        return await self._store.write(work)


def _forget_expired(connection: sa.Connection, now: datetime) -> None:
    connection.execute(sa.delete(sign_in_attempts).where(sign_in_attempts.c.expires_at <= now))


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
_NEWEST_KEYS = NewestFirst(_KEYS, api_keys.c.created_at)


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
            lambda connection: _NEWEST_KEYS.page(connection, own, limit=limit, offset=offset)
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
