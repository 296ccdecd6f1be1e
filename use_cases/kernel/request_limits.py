"""The admission of requests: requests a minute and at once, answers at once, a day's budget.

Promises: a caller may use a minute's requests at once and regains them evenly; a refusal states the
time to wait, and is repeated until then without the database; questions, answers at once and budgets
are counted in the database, for all processes together, and so are other requests, which a process
takes a second's worth at a time. Requests in flight, and requests without a usable key, are counted
in memory, by each process for itself: anonymous clients must not cause database writes. What waits
for its turn is served round-robin by user. Leaves to others: authentication
(`use_cases.kernel.identity.manage_keys`).
"""

from collections import Counter
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias

import anyio

from use_cases.kernel.errors import RateLimited
from use_cases.kernel.fair_limiter import FairLimiter
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
from use_cases.kernel.identity.errors import TooManyAnswers, TooManyRequests, TooManyUploads
from use_cases.kernel.identity.users import UserSession
from use_cases.kernel.ports import Clock, Ids
from use_cases.kernel.refusals import MOST_REMEMBERED, Refusals
from use_cases.kernel.runs.inflight import LeaseKeeper
from use_cases.kernel.runs.surroundings import completed

_ONE_UPLOAD = 2.0
"""The seconds to wait for an upload; the end of a running one is not known, and frequent retries
are harmless.
"""
_ONE_REQUEST = 2.0
"""The seconds to wait for a turn after a refusal, for the same reason."""
LONGEST_WAIT = 5.0
"""The seconds that a request waits for its turn before it is refused: a caller whose turns are all
taken by streams must not wait for ever.
"""
CALLERS_AT_ONCE = 20
"""So many callers may have all their requests in flight; beyond that, turns go round."""
_MOST_WAITING = 10
"""Requests of a caller that run or wait, for each that may run."""
MOST_HELD = 1000
"""The most refusals held back at once: as many as a process has connections."""
_EVERYONE = "local"

Credential: TypeAlias = ApiKey | UserSession | None
"""The proof by which a request was authenticated; None in local mode. The sessions of a user count together."""


class Work(Enum):
    """The kinds of requests that have limits of their own."""

    QUESTION = auto()
    """A model works on it."""
    UPLOAD = auto()
    BENCHMARK = auto()
    OTHER = auto()


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
    """The limits of one caller: questions, other requests and runs of the benchmark a minute, answers,
    uploads and requests in flight at once; and of one address: refusals a minute. 0 is no limit.
    """

    asks: int = 0
    reads: int = 0
    benchmarks: int = 0
    streams: int = 0
    uploads: int = 0
    in_flight: int = 0
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
        self._refusals = Refusals()
        self._held = 0
        most = allowance.in_flight
        self._turns = FairLimiter(
            CALLERS_AT_ONCE * most,
            each=most,
            most=_MOST_WAITING * most,
            refusal=TooManyRequests,
            retry_after=_ONE_REQUEST,
        )

    @asynccontextmanager
    async def admitted(self, credential: Credential, work: Work) -> AsyncGenerator[None]:
        """Admits a request, and holds its places until it is answered.

        Raises `RateLimited`, `TooManyRequests`, and as a question `BudgetSpent` and `TooManyAnswers`, as
        an upload `TooManyUploads`. Who is over a limit is refused before waiting for a turn.
        """
        who = caller_name(credential)
        counted = f"asks/{who}" if work is Work.QUESTION else f"reads/{who}"
        self._refusals.repeat(counted, self._clock.monotonic())
        async with self._in_flight(credential):
            if work is Work.QUESTION:
                async with self.question(credential):
                    yield
                return
            with self._refused_again(counted):
                await self._count(who)
            if work is Work.BENCHMARK:
                with self._refused_again(f"benchmarks/{who}"):
                    await self._count_benchmark(who)
            if work is Work.UPLOAD:
                with self._upload(who):
                    yield
            else:
                yield

    @asynccontextmanager
    async def question(self, credential: Credential) -> AsyncGenerator[None]:
        """Counts a question, while it is answered: one that a request holds which was admitted as another
        kind. Raises `BudgetSpent`, `TooManyAnswers` and `RateLimited`.
        """
        allowed = self._allowance
        key = credential if isinstance(credential, ApiKey) else None
        if credential is None and not allowed.asks and not allowed.streams:
            yield
            return
        now, place, who = self._clock.now(), self._ids.new("place"), caller_name(credential)
        with self._refused_again(f"asks/{who}"):
            await self._admissions.admit(
                Entry(
                    who=who,
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
            self._refusals.forget(f"asks/{who}", TooManyAnswers)

    async def hold_back(self, who: str) -> None:
        """Counts a refusal, and waits until it may be answered; see `Refusals`."""
        delay = self._refusals.delay(who, self._clock.monotonic())
        if not delay or self._held >= MOST_HELD:
            return
        self._held += 1
        try:
            await anyio.sleep(delay)
        finally:
            self._held -= 1

    def fail(self, address: str) -> None:
        """Counts a request without a usable key. Raises `RateLimited`."""
        self._failures.take(address, self._clock.monotonic())

    def forgive(self, address: str, count: int) -> None:
        """Counts the last requests of an address no longer: they were no failures."""
        self._failures.give_back(address, count)

    @asynccontextmanager
    async def _in_flight(self, credential: Credential) -> AsyncGenerator[None]:
        """Waits for the user's turn, and holds it. Raises `TooManyRequests`."""
        async with AsyncExitStack() as turn:
            if self._allowance.in_flight and credential is not None:
                try:
                    with anyio.fail_after(LONGEST_WAIT):
                        await turn.enter_async_context(self._turns.slot(credential.caller.user_id))
                except TimeoutError as error:
                    raise TooManyRequests(
                        f"Requests of this caller in flight: {self._allowance.in_flight}.",
                        retry_after=_ONE_REQUEST,
                    ) from error
            yield

    @contextmanager
    def _refused_again(self, name: str) -> Generator[None]:
        """Repeats the refusal that is kept under this name, or keeps the one that is raised inside."""
        self._refusals.repeat(name, self._clock.monotonic())
        try:
            yield
        except RateLimited as error:
            self._refusals.keep(name, error, self._clock.monotonic())
            raise

    async def _count(self, who: str) -> None:
        """Counts a request without a model. Raises `RateLimited`."""
        per_minute, now = self._allowance.reads, self._clock.monotonic()
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

    async def _count_benchmark(self, who: str) -> None:
        """Counts a run of the benchmark that is begun. Raises `RateLimited`."""
        per_minute = self._allowance.benchmarks
        wait = per_minute and await self._admissions.take(
            f"benchmarks/{who}", 1, per_minute=per_minute, now=self._clock.now()
        )
        if wait:
            raise _too_many(wait)

    @contextmanager
    def _upload(self, who: str) -> Generator[None]:
        """Counts an upload, while this process reads and stores it. Raises `TooManyUploads`."""
        most = self._allowance.uploads
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


def caller_name(credential: Credential) -> str:
    """Returns the name that a caller's requests are counted under."""
    if isinstance(credential, UserSession):
        return f"users/{credential.user.user_id}"
    return credential.key_id if credential else _EVERYONE


def _too_many(wait: float) -> RateLimited:
    return RateLimited("Too many requests in the last minute.", retry_after=wait)
