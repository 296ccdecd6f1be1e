"""Sessions and attempts to sign in: their tables, and the kernel's ports `Sessions` and `Attempts`.

Nothing is kept in memory: what one process ends, another refuses at its next reading.
"""

from datetime import datetime

import sqlalchemy as sa

from services.store.column_types import StoredId
from services.store.people import USERS, users
from services.store.rows import Rows, SqlAdapter, refers, table_of
from use_cases.kernel.identity.sign_in import Attempt
from use_cases.kernel.identity.users import UserSession

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
