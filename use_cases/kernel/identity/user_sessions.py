"""Sessions of signed-in users: their tokens, expiry, and end.

Promises: a token has 256 random bits and is stored as its SHA-256 alone (it is found by its digest,
so no secret is compared); a session ends at a fixed time after the sign-in, and earlier when it is
not used; an ended one is refused from that moment on, in every process. Leaves to others: sign-in
(`use_cases.kernel.identity.sign_in`), the cookie (`backend/http/middleware/request_caller.py`).
"""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from loguru import logger

from use_cases.kernel.errors import CandorError
from use_cases.kernel.identity.errors import SessionInvalid
from use_cases.kernel.identity.users import Admittance, User
from use_cases.kernel.model import ADMINISTRATOR_SCOPES, USER_SCOPES, Caller
from use_cases.kernel.ports import Clock

TOKEN_LENGTH = 43
"""The length of a token over 62 characters: 256 bits."""

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
    """The use cases of sessions: identify the user of one, end one, remove the expired ones."""

    def __init__(
        self, *, sessions: Sessions, life: SessionLife, admittance: Admittance, clock: Clock
    ) -> None:
        self._sessions = sessions
        self._life = life
        self._admittance = admittance
        self._clock = clock

    async def identify(self, token: str) -> UserSession:
        """Returns the session of a token. Raises `SessionInvalid`, the same for every reason."""
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
