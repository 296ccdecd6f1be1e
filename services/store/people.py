"""The people whom things are filed under, as the kernel's port `Users`."""

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from services.store.paging import NewestFirst
from services.store.rows import Rows, SqlAdapter, add_unless_there, table_of
from use_cases.kernel.identity.errors import EmailTaken
from use_cases.kernel.identity.users import Identity, User
from use_cases.kernel.model import Page

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
