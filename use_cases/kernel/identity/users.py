"""Users: who they are at their sign-in provider, their management, and their sessions.

A user is found again by issuer and subject, never by the e-mail address, which may pass to another
person. The user id is stable. Promises: a session's token has 256 random bits and is stored as its SHA-256
alone (it is found by its digest, so no secret is compared); a session ends at a fixed time after the sign-in,
and earlier when it is not used; an ended one is refused from that moment on, in every process. Leaves to
others: sign-in (`use_cases.kernel.identity.sign_in`), the cookie
(`backend/http/middleware/request_caller.py`).
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from loguru import logger

from use_cases.kernel.errors import CandorError, InvalidInput
from use_cases.kernel.identity.api_key import ApiKey, ApiKeys
from use_cases.kernel.identity.errors import ApiKeyInvalid, SessionInvalid, UserNotFound
from use_cases.kernel.model import ADMINISTRATOR_SCOPES, LOCAL, USER_SCOPES, Caller, Page
from use_cases.kernel.ports import Clock, Entropy

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
        self,
        name: str,
        *,
        admin: bool | None = None,
        active: bool | None = None,
        by: Caller = LOCAL,
    ) -> User:
        """Changes what is given, from the user's next request on. Raises `UserNotFound`, and
        `InvalidInput` for an administrator who would shut themselves out.

        A deactivated user's sessions and keys end; activated again, the user needs new ones.
        """
        user = await self._one(name)
        if user.user_id == by.user_id and (admin is False or active is False):
            raise InvalidInput(
                "You would lose your own rights.", hint="Ask another administrator to change them."
            )
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


TOKEN_LENGTH = 43
"""The length of a token over 62 characters: 256 bits."""

_OF_A_KEY = "."
"""Stands behind the prefix of the key that began a session; other tokens do not have it."""

SEEN_INTERVAL = timedelta(minutes=1)
"""The precision of a session's last use."""


def token_digest(token: str) -> str:
    """Returns the SHA-256 of a token, in hexadecimal."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSession:
    """A session. `seen_at` may be a minute behind."""

    digest: str = field(repr=False)
    user: User
    created_at: datetime
    expires_at: datetime
    seen_at: datetime

    @property
    def caller(self) -> Caller:
        """The caller that the session acts for."""
        scopes = ADMINISTRATOR_SCOPES if self.user.is_admin else USER_SCOPES
        return Caller(self.user.user_id, scopes=scopes)


@dataclass(frozen=True, slots=True)
class SessionLife:
    """Life of a session: at most, and without use: after that the browser was left."""

    session_expire_hours: float = 24
    session_idle_minutes: float = 120

    def end(self, begun: datetime) -> datetime:
        """Returns the latest end of a session that begins now."""
        return begun + timedelta(hours=self.session_expire_hours)

    def idle_before(self, now: datetime) -> datetime:
        """Returns the moment since when a session must have been used."""
        return now - timedelta(minutes=self.session_idle_minutes)


class Sessions(Protocol):
    """The stored sessions. Every process sees a change at its next read."""

    async def add(self, session: UserSession, *, replaced: str | None = None) -> None:
        """Stores a session; the one with the digest `replaced` ends in the same transaction."""
        ...

    async def by_digest(self, digest: str) -> UserSession | None:
        """Returns the session with its user, in force or not."""
        ...

    async def seen(self, digest: str, at: datetime) -> None:
        """Stores the time of its last use, unless a later one is stored."""
        ...

    async def end(self, digest: str) -> None:
        """Removes the session; nothing for one that is gone."""
        ...

    async def end_all(self, digest: str) -> None:
        """Removes every session of the user whose session this is; nothing for one that is gone."""
        ...

    async def clean(self, now: datetime, idle_before: datetime) -> int:
        """Removes expired sessions and attempts to sign in; returns how many sessions they were."""
        ...


class ManageSessions:
    """The use cases of sessions: begin one with an API key, identify the caller of one, end one, remove
    the expired ones.

    The token of a session that a key began names the key by its public prefix. Such a session acts with
    the rights and the limits of the key, and is refused as soon as the key is.
    """

    def __init__(
        self,
        *,
        sessions: Sessions,
        users: Users,
        keys: ApiKeys,
        life: SessionLife,
        admittance: Admittance,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._sessions = sessions
        self._users = users
        self._keys = keys
        self._life = life
        self._admittance = admittance
        self._clock = clock
        self._entropy = entropy

    async def begin(self, key_id: str, *, replaced: str | None = None) -> str:
        """Begins a session with a key in force; returns its token. `replaced` is the token of the
        session that the browser has. Raises `ApiKeyInvalid`.
        """
        key = await self._keys.by_id(key_id)
        user = None if key is None else await self._users.user(key.user_id)
        if key is None or user is None:
            raise ApiKeyInvalid("The API key is not valid.")
        token = f"{key.prefix}{_OF_A_KEY}{self._entropy.characters(TOKEN_LENGTH)}"
        now = self._clock.now()
        session = UserSession(
            digest=token_digest(token),
            user=user,
            created_at=now,
            expires_at=self._life.end(now),
            seen_at=now,
        )
        before = None if replaced is None else token_digest(replaced)
        await self._sessions.add(session, replaced=before)
        logger.info("{} has signed in with {}", user.user_id, key.key_id)
        return token

    async def identify(self, token: str) -> UserSession | ApiKey:
        """Returns the session of a token, or the key that began it. Raises `SessionInvalid`, the same
        for every reason.
        """
        session = await self._in_force(token)
        prefix, mark, _ = token.partition(_OF_A_KEY)
        if not mark:
            return session
        key = await self._keys.by_prefix(prefix)
        if key is None or not key.in_force(self._clock.now()):
            raise SessionInvalid("The session has ended.")
        return key

    async def _in_force(self, token: str) -> UserSession:
        found = await self._sessions.by_digest(token_digest(token))
        now = self._clock.now()
        if (
            found is None
            or found.expires_at <= now
            or found.seen_at <= self._life.idle_before(now)
            or not found.user.is_active
        ):
            raise SessionInvalid("The session has ended.")
        if now - found.seen_at >= SEEN_INTERVAL:
            await self._note_use(found, now)
        return replace(found, user=self._admittance.applied(found.user))

    async def end(self, token: str, *, everywhere: bool = False) -> None:
        """Ends the session of a token; `everywhere` all of its user's, in every browser."""
        end = self._sessions.end_all if everywhere else self._sessions.end
        await end(token_digest(token))

    async def clean(self) -> int:
        """Removes expired sessions; returns how many there were."""
        now = self._clock.now()
        return await self._sessions.clean(now, self._life.idle_before(now))

    async def _note_use(self, session: UserSession, now: datetime) -> None:
        try:
            await self._sessions.seen(session.digest, now)
        except CandorError as error:  # such as a full disk, on which reading still works
            logger.warning("the last use of a session is not kept: {}", error.detail)
