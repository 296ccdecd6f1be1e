"""Rate limits and budgets of a caller: requests a minute, answers at once, a day's budget.

Promises: a caller may use a minute's requests at once and regains them evenly; a refusal states the
time to wait; questions, answers at once and budgets are counted in the database, for all processes
together, and so are other requests, which a process takes a second's worth at a time. Requests
without a usable key are counted in memory, by each process for itself: anonymous clients must not
cause database writes. Leaves to others: authentication
(`backend/http/middleware/authentication.py`).
"""

import secrets
from collections import Counter
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from backend.composition.container import Container
from backend.errors import TooManyUploads
from use_cases.kernel.errors import RateLimited
from use_cases.kernel.identity.admission import MINUTE, Entry, lost, taken
from use_cases.kernel.identity.api_key import ApiKey
from use_cases.kernel.runs.cancellation import completed

_ONE_UPLOAD = 2.0
"""The seconds to wait for an upload; the end of a running one is not known, and frequent retries
are harmless.
"""
MOST_REMEMBERED = 10_000
"""The most callers in memory; the least recently used are dropped."""
_EVERYONE = "local"


class RateLimit:
    """A bucket for each caller in memory, kept as the moment when it will be full again (GCRA)."""

    def __init__(self, per_minute: int) -> None:
        """Create the buckets; `per_minute` 0 is no limit."""
        self._per_minute = per_minute
        self._full_at: dict[str, float] = {}

    def take(self, who: str, now: float) -> None:
        """Take one; `now` in monotonic seconds. Raises `RateLimited` with the time to wait."""
        if not self._per_minute:
            return
        before = self._full_at.pop(who, now)
        # Moved to the end: the first in the dictionary is the least recently used.
        self._full_at[who], wait = taken(before, now, count=1, per_minute=self._per_minute)
        if len(self._full_at) > MOST_REMEMBERED:
            del self._full_at[next(iter(self._full_at))]
        if wait:
            raise _too_many(wait)

    def __len__(self) -> int:
        return len(self._full_at)


@dataclass(frozen=True, slots=True)
class Allowance:
    """The limits of one caller: questions and other requests a minute, answers and uploads at once;
    and of one address: refusals a minute. 0 is no limit.
    """

    asks: int = 0
    reads: int = 0
    streams: int = 0
    uploads: int = 0
    failures: int = 0


@dataclass(slots=True)
class _Credit:
    """Requests that this process has taken in advance, and their expiry."""

    left: int
    until: float


class RequestLimits:
    """The limits of all callers."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._failures = RateLimit(allowance.failures)
        self._credits: dict[str, _Credit] = {}
        self._uploading = Counter[str]()

    async def read(self, candor: Container, key: ApiKey | None) -> None:
        """Count a request without a model. Raises `RateLimited`."""
        per_minute, who, now = self._allowance.reads, _who(key), candor.clock.monotonic()
        if not per_minute:
            return
        credit = self._credits.get(who)
        if credit is not None and credit.left and now < credit.until:
            credit.left -= 1
            return
        # One request in sixty of a minute's is a write; the others only count.
        count = max(1, per_minute // round(MINUTE))
        wait = await candor.identity.admissions.take(
            f"reads/{who}", count, per_minute=per_minute, now=candor.clock.now()
        )
        if wait:
            raise _too_many(wait)
        if count > 1:
            self._credits[who] = _Credit(count - 1, now + MINUTE)

    def fail(self, address: str, now: float) -> None:
        """Count a request without a usable key. Raises `RateLimited`."""
        self._failures.take(address, now)

    @contextmanager
    def upload(self, key: ApiKey | None) -> Generator[None]:
        """Count an upload, while this process reads and stores it. Raises `TooManyUploads`."""
        who, most = _who(key), self._allowance.uploads
        if 0 < most <= self._uploading[who]:
            raise TooManyUploads(
                f"Files of this caller that are being read: {most}.", retry_after=_ONE_UPLOAD
            )
        self._uploading[who] += 1
        try:
            yield
        finally:
            self._uploading[who] -= 1
            if not self._uploading[who]:
                del self._uploading[who]

    @asynccontextmanager
    async def ask(self, candor: Container, key: ApiKey | None) -> AsyncGenerator[None]:
        """Count a question, while it is answered.

        Raises `BudgetSpent`, `TooManyAnswers` and `RateLimited`.
        """
        allowed = self._allowance
        if key is None and not allowed.asks and not allowed.streams:
            yield
            return
        now, place = candor.clock.now(), f"place_{secrets.token_hex(16)}"
        await candor.identity.admissions.admit(
            Entry(
                who=_who(key),
                place=place,
                now=now,
                until=candor.leases.until(),
                asks_per_minute=allowed.asks,
                at_once=allowed.streams,
                budget=candor.identity.budget.of(key) if key else candor.identity.budget,
                lost=lost(key.key_id, now, candor.estimate) if key else None,
            )
        )
        candor.leases.keep(place, lambda: None)
        try:
            yield
        finally:
            await completed(candor.leases.release(place))


def _who(key: ApiKey | None) -> str:
    return key.key_id if key else _EVERYONE


def _too_many(wait: float) -> RateLimited:
    return RateLimited("Too many requests in the last minute.", retry_after=wait)
