"""Sign-in at an OpenID Connect provider: the authorization code flow with PKCE, state and nonce.

The browser keeps one random token, for ten minutes, in a cookie. State, nonce and code verifier are
derived from it (HMAC-SHA-256 with a label each), so that none of them is stored; the database holds
the token's digest, and deletes it at the first answer, so that an answer counts once.

Promises: only the browser that began a sign-in completes it; each sign-in makes a new session, and
ends the one that the browser had. Leaves to others: the provider's protocol (`IdentityProvider`),
cookies and redirects (`backend/http/routes/sign_in_routes.py`).
"""

import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from loguru import logger

from use_cases.kernel.identity.errors import (
    EmailNotVerified,
    IdentityProviderFailed,
    SignInCodeRefused,
    SignInDenied,
    SignInNotAllowed,
    SignInNotConfigured,
    SignInStateInvalid,
)
from use_cases.kernel.identity.users import (
    TOKEN_LENGTH,
    Admittance,
    Identity,
    SessionLife,
    Sessions,
    User,
    Users,
    UserSession,
    token_digest,
)
from use_cases.kernel.ports import Clock, Entropy, Ids

ATTEMPT_LIFE = timedelta(minutes=10)
_ADDRESS = re.compile(r"[^@\s]{1,128}@[^@\s]{1,253}")
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in that was begun: the digest of its token, and the path to go to afterwards."""

    digest: str = field(repr=False)
    expires_at: datetime
    return_to: str | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that begins: the provider's address, and the token for the browser alone."""

    address: str = field(repr=False)
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A completed sign-in: the session, its token for the browser, and the path to go to."""

    session: UserSession
    token: str = field(repr=False)
    return_to: str | None


class Attempts(Protocol):
    """The sign-ins that were begun."""

    async def begin(self, attempt: Attempt, now: datetime) -> None:
        """Stores an attempt, and removes those that have expired."""
        ...

    async def take(self, digest: str) -> Attempt | None:
        """Removes an attempt and returns it; None where it was taken or never was."""
        ...


class IdentityProvider(Protocol):
    """An OpenID Connect provider."""

    async def address(self, *, state: str, nonce: str, verifier: str) -> str:
        """Returns the address to send the browser to. Raises `IdentityProviderFailed`."""
        ...

    async def identity(self, code: str, *, nonce: str, verifier: str) -> Identity:
        """Exchanges a code for the identity in its ID token, which is verified.

        Raises `SignInCodeRefused`, `IdTokenInvalid` and `IdentityProviderFailed`.
        """
        ...


class SignIn:
    """The use case of signing in: begin it, and complete it with the provider's answer."""

    def __init__(
        self,
        *,
        provider: IdentityProvider | None,
        attempts: Attempts,
        sessions: Sessions,
        users: Users,
        life: SessionLife,
        admittance: Admittance,
        clock: Clock,
        ids: Ids,
        entropy: Entropy,
    ) -> None:
        self._provider = provider
        self._attempts = attempts
        self._sessions = sessions
        self._users = users
        self._life = life
        self._admittance = admittance
        self._clock = clock
        self._ids = ids
        self._entropy = entropy

    @property
    def configured(self) -> bool:
        """True if there is a provider to sign in with."""
        return self._provider is not None

    async def begin(self, return_to: str | None = None) -> Begun:
        """Begins a sign-in. Raises `SignInNotConfigured` and `IdentityProviderFailed`."""
        provider = self._require_provider()
        token = self._entropy.characters(TOKEN_LENGTH)
        address = await provider.address(
            state=_derived(token, b"state"),
            nonce=_derived(token, b"nonce"),
            verifier=_derived(token, b"verifier"),
        )
        now = self._clock.now()
        attempt = Attempt(token_digest(token), now + ATTEMPT_LIFE, return_to)
        await self._attempts.begin(attempt, now)
        return Begun(address, token)

    async def complete(
        self,
        *,
        token: str | None,
        state: str | None,
        code: str | None,
        error: str | None = None,
        replaced: str | None = None,
    ) -> SignedIn:
        """Completes a sign-in with the provider's answer: a code, or an error.

        `token` is the one of `begin`, `replaced` the token of the session that the browser has.
        Raises every error of sign-in in `use_cases.kernel.identity.errors`.
        """
        provider = self._require_provider()
        token, attempt = await self._taken(token, state)
        if error == "access_denied":
            raise SignInDenied("The sign-in was denied at the provider.")
        if error is not None:
            raise IdentityProviderFailed("The provider answered the sign-in with an error.")
        if not code:
            raise SignInCodeRefused("The provider's answer has no code.")
        identity = await provider.identity(
            code, nonce=_derived(token, b"nonce"), verifier=_derived(token, b"verifier")
        )
        user = await self._admitted(identity)
        session_token = self._entropy.characters(TOKEN_LENGTH)
        now = self._clock.now()
        session = UserSession(
            digest=token_digest(session_token),
            user=user,
            created_at=now,
            expires_at=self._life.end(now),
            seen_at=now,
        )
        before = None if replaced is None else token_digest(replaced)
        await self._sessions.add(session, replaced=before)
        logger.info("{} has signed in", user.user_id)
        return SignedIn(session, session_token, attempt.return_to)

    def _require_provider(self) -> IdentityProvider:
        if self._provider is None:
            raise SignInNotConfigured("This server has no sign-in.")
        return self._provider

    async def _taken(self, token: str | None, state: str | None) -> tuple[str, Attempt]:
        """Returns the attempt that this answer belongs to; a second answer finds none."""
        if not token or not state:
            raise SignInStateInvalid("The answer lacks its state, or the browser its cookie.")
        if not hmac.compare_digest(_derived(token, b"state").encode(), state.encode()):
            raise SignInStateInvalid("The answer belongs to another sign-in.")
        attempt = await self._attempts.take(token_digest(token))
        if attempt is None or attempt.expires_at <= self._clock.now():
            raise SignInStateInvalid("This sign-in was used before, or took too long.")
        return token, attempt

    async def _admitted(self, identity: Identity) -> User:
        """Returns the user of an identity, made at the first sign-in."""
        email = _comparable(identity.email or "")
        if not _ADDRESS.fullmatch(email) or not identity.email_verified:
            raise EmailNotVerified("The provider has not verified an e-mail address of yours.")
        if not self._admittance.admits(email):
            raise SignInNotAllowed("This e-mail address may not sign in here.")
        name = " ".join((identity.name or "").split())[:_LONGEST_NAME] or None
        user = await self._users.sign_in(
            replace(identity, email=email, name=name), self._ids.new("user"), self._clock.now()
        )
        if not user.is_active:
            raise SignInNotAllowed("This account is deactivated.")
        return self._admittance.applied(user)


def _comparable(email: str) -> str:
    """Returns the address in lower case, where that cannot make another's of it: `\u212a` becomes a `k`."""
    return email.lower() if email.isascii() else email


def _derived(token: str, label: bytes) -> str:
    """Returns 43 characters of the alphabet of RFC 7636, from which the token cannot be found."""
    digest = hmac.digest(token.encode("utf-8", "surrogateescape"), label, "sha256")
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
