"""API keys: create, list and revoke them, show their usage, and authenticate their bearers.

Promises: an expired key is refused from that moment on, a revoked one by this process at once and by
every other a second later at most (`use_cases.kernel.identity.key_cache`); the bearer learns only
whether the key is valid. The log has the reason, and only the key's id or public prefix.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from loguru import logger

from use_cases.kernel.errors import CandorError, InvalidInput
from use_cases.kernel.identity.admission import Admissions, Budget, Used
from use_cases.kernel.identity.api_key import (
    PREFIX_LENGTH,
    SECRET_LENGTH,
    ApiKey,
    ApiKeys,
    digest_of,
    is_key,
    prefix_of,
    whole,
)
from use_cases.kernel.identity.errors import ApiKeyInvalid, ScopeMissing
from use_cases.kernel.model import LOCAL, Caller, Page, Scope
from use_cases.kernel.ports import Clock, Entropy, Ids

FIRST_USER = "admin"
LARGEST_PAGE = 1000
LONGEST_LABEL = 100
LONGEST_USER = 128
LONGEST_LIFE = timedelta(days=3660)
ANY = Budget()
"""No limits of its own."""


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A new key. `secret` is the whole key, which is stored nowhere."""

    key: ApiKey
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyUse:
    """The usage of some keys until `at`: `used` by key id, without unused keys, on that day (UTC);
    `budget` limits each key, as far as it has no limits of its own.
    """

    at: datetime
    used: Mapping[str, Used]
    budget: Budget


class ManageApiKeys:
    """The use cases that create, list and revoke API keys."""

    def __init__(self, *, keys: ApiKeys, clock: Clock, ids: Ids, entropy: Entropy) -> None:
        self._keys = keys
        self._clock = clock
        self._ids = ids
        self._entropy = entropy

    async def create(
        self,
        user_id: str,
        *,
        label: str,
        scopes: Collection[Scope],
        life: timedelta | None = None,
        budget: Budget = ANY,
        by: Caller = LOCAL,
    ) -> NewApiKey:
        """Creates a key for a user, known or new, with the limits of `budget`.

        It is in force from now on (for `life`, if given). Raises `ScopeMissing` for a scope that its
        creator lacks, who could gain it so.

        Raises `InvalidInput` for a user id or label of the wrong shape, no scope at all, a life
        that is not above zero and at most ten years, or a limit below zero.
        """
        label = _validate(user_id, label, scopes, life)
        if (budget.tokens or 0) < 0 or (budget.cost or 0) < 0:
            raise InvalidInput("A limit of tokens or money is 0 (none) or more.")
        if lacking := sorted(set(scopes) - by.scopes):
            raise ScopeMissing(f"A key with the scope `{lacking[0]}` needs a creator who has it.")
        prefix = self._entropy.characters(PREFIX_LENGTH)
        secret = whole(prefix, self._entropy.characters(SECRET_LENGTH))
        made = await self._add(user_id, label, scopes, secret, life, budget)
        logger.info("{} has created {} for {}", by.user_id, made.key.key_id, user_id)
        return made

    async def first(self, given: str | None = None) -> NewApiKey | None:
        """Creates the first key, with every scope, for the user `admin`; None after any other key.

        `given` is the whole key, else it is random. Raises `InvalidInput` for a malformed one.
        """
        if await self._keys.keys(limit=1):
            return None
        if given is None:
            return await self.create(FIRST_USER, label="first key", scopes=tuple(Scope))
        if prefix_of(given) is None:
            raise InvalidInput(
                "FIRST_API_KEY does not have the shape of a key: cndr_, "
                f"{PREFIX_LENGTH} letters or digits, _, and {SECRET_LENGTH} letters or digits.",
                hint='Draw one: echo "cndr_$(openssl rand -hex 5)_$(openssl rand -hex 20)"',
            )
        return await self._add(FIRST_USER, "first key", tuple(Scope), given)

    async def list(
        self, *, user_id: str | None = None, limit: int = 100, offset: int = 0
    ) -> Page[ApiKey]:
        """Returns at most `limit` keys, the newest first. Raises `InvalidInput` for invalid bounds."""
        if not 1 <= limit <= LARGEST_PAGE or offset < 0:
            raise InvalidInput(f"The limit must be from 1 to {LARGEST_PAGE}, the offset 0 or more.")
        return await self._keys.keys(user_id=user_id, limit=limit, offset=offset)

    async def any_in_force(self) -> bool:
        """Returns whether one of the newest keys is valid now."""
        now = self._clock.now()
        return any(key.in_force(now) for key in await self._keys.keys(limit=LARGEST_PAGE))

    async def revoke(self, name: str) -> ApiKey:
        """Revokes the key of this id or prefix; `name` may also be a whole, leaked key.

        This process refuses its next request, every other the one after a second. Raises
        `ApiKeyNotFound`.
        """
        return await self._keys.revoke(prefix_of(name) or name, self._clock.now())

    async def _add(
        self,
        user_id: str,
        label: str,
        scopes: Collection[Scope],
        secret: str,
        life: timedelta | None = None,
        budget: Budget = ANY,
    ) -> NewApiKey:
        now = self._clock.now()
        key = ApiKey(
            key_id=self._ids.new("key"),
            prefix=prefix_of(secret) or "",
            user_id=user_id,
            label=label,
            scopes=frozenset(scopes),
            created_at=now,
            digest=digest_of(secret),
            expires_at=None if life is None else now + life,
            tokens_per_day=budget.tokens,
            cost_per_day=budget.cost,
        )
        # A taken prefix is a Conflict, once in 10**17: run the command again.
        await self._keys.add(key)
        return NewApiKey(key, secret)


class ShowKeyUse:
    """The use case that shows the usage of keys today (UTC)."""

    def __init__(self, *, admissions: Admissions, clock: Clock, budget: Budget) -> None:
        self._admissions = admissions
        self._clock = clock
        self._budget = budget

    async def run(self, keys: Sequence[ApiKey]) -> KeyUse:
        """Returns the usage of these keys, and its limits."""
        now = self._clock.now()
        used = await self._admissions.used([key.key_id for key in keys], now.date())
        return KeyUse(now, used, self._budget)


def _validate(user_id: str, label: str, scopes: Collection[Scope], life: timedelta | None) -> str:
    """Validates the arguments; returns the label as one line."""
    if (
        not 1 <= len(user_id) <= LONGEST_USER
        or not user_id.isprintable()
        or user_id != user_id.strip()
    ):
        raise InvalidInput(f"A user id needs 1 to {LONGEST_USER} characters on one line.")
    line = " ".join(label.split())
    if not 1 <= len(line) <= LONGEST_LABEL or not line.isprintable():
        raise InvalidInput(f"A label needs one line of 1 to {LONGEST_LABEL} characters.")
    if not scopes:
        raise InvalidInput(f"A key needs a scope: {', '.join(Scope)}.")
    if life is not None and not timedelta(0) < life <= LONGEST_LIFE:
        raise InvalidInput("A key is valid for more than zero seconds and at most ten years.")
    return line


WRITE_INTERVAL = timedelta(minutes=1)


class IdentifyCaller:
    """The use case that authenticates an API key, and notes its use."""

    def __init__(self, *, keys: ApiKeys, clock: Clock, last_uses: "LastUseWriter") -> None:
        self._keys = keys
        self._clock = clock
        self._last_uses = last_uses

    async def run(self, presented: str) -> ApiKey:
        """Returns the key with its `caller`. Raises `ApiKeyInvalid`, the same for every reason.

        An existing and an unknown key take the same work: one lookup, one digest, one comparison of
        digests.
        """
        prefix = prefix_of(presented)
        stored = await self._keys.by_prefix(prefix or "")
        same = is_key(presented, stored)
        now = self._clock.now()
        if stored is not None and same and stored.in_force(now):
            self._last_uses.note(stored, now)
            return stored
        logger.info("an API key was refused: {}", _reason(prefix, stored, same=same))
        raise ApiKeyInvalid("The API key is not valid.")


class LastUseWriter:
    """A background writer of the times of last use, at most once a minute per key."""

    def __init__(self, *, keys: ApiKeys) -> None:
        self._keys = keys
        self._waiting: dict[str, datetime] = {}
        self._noted = asyncio.Event()

    def note(self, key: ApiKey, now: datetime) -> None:
        """Schedules the write; returns at once."""
        if key.last_used_at is None or now - key.last_used_at >= WRITE_INTERVAL:
            self._waiting.setdefault(key.key_id, now)
            self._noted.set()

    async def run(self) -> None:
        """Writes the noted uses until cancelled."""
        while True:
            await self._noted.wait()
            await self.flush()

    async def flush(self) -> None:
        """Writes the uses noted so far. A failed write is logged and dropped."""
        self._noted.clear()
        for key_id, at in list(self._waiting.items()):
            try:
                await self._keys.used(key_id, at)
            except CandorError as error:
                logger.warning("the last use of {} is not kept: {}", key_id, error.detail)
            # Only now: a use whose writing was cancelled is written by the next flush.
            self._waiting.pop(key_id, None)


def _reason(prefix: str | None, stored: ApiKey | None, *, same: bool) -> str:
    if prefix is None:
        return "it does not have the shape of a key"
    if stored is None:
        return f"there is none with the prefix {prefix}"
    if not same:
        return f"it begins as {stored.key_id} and is another"
    return f"{stored.key_id} is {'expired' if stored.revoked_at is None else 'revoked'}"
