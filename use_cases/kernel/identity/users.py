"""Users: who they are at their sign-in provider, and their management.

A user is found again by issuer and subject, never by the e-mail address, which may pass to another
person. The user id is stable. Leaves to others: sign-in (`use_cases.kernel.identity.sign_in`).
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.identity.api_key import ApiKeys
from use_cases.kernel.identity.errors import UserNotFound
from use_cases.kernel.page import Page
from use_cases.kernel.ports import Clock

LARGEST_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Identity:
    """The statements of a provider about a person. `email_verified` is about `email`."""

    issuer: str
    subject: str
    email: str | None = None
    email_verified: bool = False
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user. Without `issuer` and `subject` the user never signed in, and is known by API keys."""

    user_id: str
    created_at: datetime
    name: str | None = None
    email: str | None = None
    issuer: str | None = None
    subject: str | None = None
    is_admin: bool = False
    deactivated_at: datetime | None = None

    @property
    def is_active(self) -> bool:
        """True if the user may sign in."""
        return self.deactivated_at is None


@dataclass(frozen=True, slots=True)
class Admittance:
    """The rules of who may sign in, and who administers: lower-case addresses.

    `sign_in_emails` may hold `@example.com` for a whole domain; empty admits everyone whom the
    provider signs in.
    """

    admin_emails: Collection[str] = ()
    sign_in_emails: Collection[str] = ()

    def admits(self, email: str) -> bool:
        """Returns whether this verified address may sign in. An administrator's always may."""
        return (
            not self.sign_in_emails
            or not {email, f"@{email.rpartition('@')[2]}"}.isdisjoint(self.sign_in_emails)
            or email in self.admin_emails
        )

    def applied(self, user: User) -> User:
        """Returns the user with the administrator flag that is stored or that the address gives."""
        return replace(user, is_admin=user.is_admin or user.email in self.admin_emails)


class Users(Protocol):
    """The stored users. Every process sees a change at its next read."""

    async def sign_in(self, identity: Identity, user_id: str, at: datetime) -> User:
        """Returns the user of this issuer and subject, with this name and address from now on.

        A new one gets `user_id`. Raises `EmailTaken`, and changes nothing then.
        """
        ...

    async def user(self, name: str) -> User | None:
        """Returns the user with this id or e-mail address."""
        ...

    async def users(self, *, limit: int = 100, offset: int = 0) -> Page[User]:
        """Returns every user, the newest first."""
        ...

    async def change(self, user: User) -> None:
        """Stores the administrator flag and the deactivation of this user."""
        ...


class ManageUsers:
    """The use cases that list and change users."""

    def __init__(
        self, *, users: Users, keys: ApiKeys, admittance: Admittance, clock: Clock
    ) -> None:
        self._users = users
        self._keys = keys
        self._admittance = admittance
        self._clock = clock

    async def list(self, *, limit: int = 100, offset: int = 0) -> Page[User]:
        """Returns at most `limit` users, the newest first. Raises `InvalidInput` for invalid bounds."""
        if not 1 <= limit <= LARGEST_PAGE or offset < 0:
            raise InvalidInput(f"The limit must be from 1 to {LARGEST_PAGE}, the offset 0 or more.")
        page = await self._users.users(limit=limit, offset=offset)
        return Page([self._admittance.applied(user) for user in page], more=page.more)

    async def show(self, name: str) -> User:
        """Returns one user, by id or e-mail address. Raises `UserNotFound`."""
        return self._admittance.applied(await self._one(name))

    async def active(self, name: str) -> User:
        """Returns a user who may act here. Raises `UserNotFound`, also for a deactivated one."""
        user = await self._one(name)
        if not user.is_active:
            raise UserNotFound("This user is deactivated.")
        return user

    async def change(
        self, name: str, *, admin: bool | None = None, active: bool | None = None
    ) -> User:
        """Changes what is given, from the user's next request on. Raises `UserNotFound`.

        A deactivated user's sessions and keys end; activated again, the user needs new ones.
        """
        user = await self._one(name)
        now = self._clock.now()
        if admin is not None:
            user = replace(user, is_admin=admin)
        if active is not None:
            user = replace(user, deactivated_at=None if active else user.deactivated_at or now)
        await self._users.change(user)
        if not user.is_active:
            while live := [
                key
                for key in await self._keys.keys(user_id=user.user_id, limit=LARGEST_PAGE)
                if key.in_force(now)
            ]:
                for key in live:
                    await self._keys.revoke(key.key_id, now)
        return self._admittance.applied(user)

    async def _one(self, name: str) -> User:
        user = await self._users.user(name)
        if user is None:
            raise UserNotFound("There is no user with this id or e-mail address.")
        return user
