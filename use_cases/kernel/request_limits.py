"""Rate limits and budgets of a caller: requests a minute, answers at once, a day's budget.

Promises: a caller may use a minute's requests at once and regains them evenly; a refusal states the
time to wait; questions, answers at once and budgets are counted in the database, for all processes
together, and so are other requests, which a process takes a second's worth at a time. Requests
without a usable key are counted in memory, by each process for itself: anonymous clients must not
cause database writes. Leaves to others: authentication (`use_cases.kernel.identity.manage_keys`).
"""

from collections import Counter
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TypeAlias

from use_cases.kernel.errors import RateLimited
from use_cases.kernel.identity.admission import (
    MINUTE,
    Admissions,
    Budget,
    Entry,
    Estimate,
    lost,
    taken,
)
from use_cases.kernel.identity.api_key import ApiKey
from use_cases.kernel.identity.errors import TooManyUploads
from use_cases.kernel.identity.users import UserSession
from use_cases.kernel.ports import Clock, Ids
from use_cases.kernel.runs.inflight import LeaseKeeper
from use_cases.kernel.runs.surroundings import completed

_ONE_UPLOAD = 2.0
"""The seconds to wait for an upload; the end of a running one is not known, and frequent retries
are harmless.
"""
MOST_REMEMBERED = 10_000
"""The most callers in memory; the least recently used are dropped."""
_EVERYONE = "local"

Credential: TypeAlias = ApiKey | UserSession | None
"""The proof by which a request was authenticated; None in local mode. The sessions of a user count together."""


class RateLimit:
    """A bucket for each caller in memory, kept as the moment when it will be full again (GCRA)."""

    def __init__(self, per_minute: int) -> None:
        """Creates the buckets; `per_minute` 0 is no limit."""
        self._per_minute = per_minute
        self._full_at: dict[str, float] = {}

    def take(self, who: str, now: float) -> None:
        """Takes one; `now` in monotonic seconds. Raises `RateLimited` with the time to wait."""
        if not self._per_minute:
            return
        before = self._full_at.pop(who, now)
        # Moved to the end: the first in the dictionary is the least recently used.
        self._full_at[who], wait = taken(before, now, count=1, per_minute=self._per_minute)
        if len(self._full_at) > MOST_REMEMBERED:
            del self._full_at[next(iter(self._full_at))]
        if wait:
            raise _too_many(wait)

    def give_back(self, who: str, count: int) -> None:
        """Undos `take` so many times."""
        if who in self._full_at:
            self._full_at[who] -= count * MINUTE / self._per_minute

    def __len__(self) -> int:
        return len(self._full_at)


@dataclass(frozen=True, slots=True)
class Allowance:
    """The limits of one caller: questions, other requests and runs of the benchmark a minute, answers and
    uploads at once; and of one address: refusals a minute. 0 is no limit.
    """

    asks: int = 0
    reads: int = 0
    benchmarks: int = 0
    streams: int = 0
    uploads: int = 0
    failures: int = 0


@dataclass(slots=True)
class _Credit:
    """Requests that this process has taken in advance, and their expiry."""

    left: int
    until: float


class LimitRequests:
    """The use case that counts the requests of all callers, each against its limits."""

    def __init__(
        self,
        *,
        allowance: Allowance,
        budget: Budget,
        estimate: Estimate,
        admissions: Admissions,
        leases: LeaseKeeper,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._allowance = allowance
        self._budget = budget
        self._estimate = estimate
        self._admissions = admissions
        self._leases = leases
        self._clock = clock
        self._ids = ids
        self._failures = RateLimit(allowance.failures)
        self._credits: dict[str, _Credit] = {}
        self._uploading = Counter[str]()

    async def read(self, credential: Credential) -> None:
        """Counts a request without a model. Raises `RateLimited`."""
        per_minute, who, now = self._allowance.reads, _who(credential), self._clock.monotonic()
        if not per_minute:
            return
        credit = self._credits.get(who)
        if credit is not None and credit.left and now < credit.until:
            credit.left -= 1
            return
        # One request in sixty of a minute's is a write; the others only count.
        count = max(1, per_minute // round(MINUTE))
        wait = await self._admissions.take(
            f"reads/{who}", count, per_minute=per_minute, now=self._clock.now()
        )
        if wait:
            raise _too_many(wait)
        if count > 1:
            self._credits[who] = _Credit(count - 1, now + MINUTE)

    async def benchmark(self, credential: Credential) -> None:
        """Counts a run of the benchmark that is begun. Raises `RateLimited`."""
        per_minute = self._allowance.benchmarks
        wait = per_minute and await self._admissions.take(
            f"benchmarks/{_who(credential)}", 1, per_minute=per_minute, now=self._clock.now()
        )
        if wait:
            raise _too_many(wait)

    def fail(self, address: str) -> None:
        """Counts a request without a usable key. Raises `RateLimited`."""
        self._failures.take(address, self._clock.monotonic())

    def forgive(self, address: str, count: int) -> None:
        """Counts the last requests of an address no longer: they were no failures."""
        self._failures.give_back(address, count)

    @contextmanager
    def upload(self, credential: Credential) -> Generator[None]:
        """Counts an upload, while this process reads and stores it. Raises `TooManyUploads`."""
        who, most = _who(credential), self._allowance.uploads
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
    async def ask(self, credential: Credential) -> AsyncGenerator[None]:
        """Counts a question, while it is answered.

        Raises `BudgetSpent`, `TooManyAnswers` and `RateLimited`.
        """
        allowed = self._allowance
        key = credential if isinstance(credential, ApiKey) else None
        if credential is None and not allowed.asks and not allowed.streams:
            yield
            return
        now, place = self._clock.now(), self._ids.new("place")
        await self._admissions.admit(
            Entry(
                who=_who(credential),
                place=place,
                now=now,
                until=self._leases.until(),
                asks_per_minute=allowed.asks,
                at_once=allowed.streams,
                budget=self._budget.of(key) if key else self._budget,
                lost=lost(key.key_id, now, self._estimate) if key else None,
            )
        )
        self._leases.keep(place, lambda: None)
        try:
            yield
        finally:
            await completed(self._leases.release(place))


def _who(credential: Credential) -> str:
    if isinstance(credential, UserSession):
        return f"users/{credential.user.user_id}"
    return credential.key_id if credential else _EVERYONE


def _too_many(wait: float) -> RateLimited:
    return RateLimited("Too many requests in the last minute.", retry_after=wait)
