"""The admission of questions: a day's budget, concurrent answers, requests per minute; and usage.

The database counts them for all processes together. A question holds a place (a lease, see `leasing`)
while it is answered. The place of a killed process expires. Unknown costs count as an `Estimate`: the
answer of a killed process, an answer without tokens or price from the provider, and the last request
of a stopped answer. A caller without a key is charged nothing and has no limit.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from use_cases.kernel.identity.api_key import ApiKey, ApiKeys
from use_cases.kernel.identity.errors import BudgetSpent
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Clock

if TYPE_CHECKING:
    # Only named: the store implements the port, and should not pay for importing this.
    from pydantic_ai.usage import RunUsage

MINUTE = 60.0
_ROUNDING = 1e-6
"""A wait below this (seconds) is a rounding error."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The limits of a day (UTC); None or 0 is no limit. `cost` is in US dollars."""

    tokens: int | None = None
    cost: Decimal | None = None

    def of(self, key: ApiKey) -> "Budget":
        """Returns the key's own limits, with these for the missing ones."""
        return Budget(
            self.tokens if key.tokens_per_day is None else key.tokens_per_day,
            self.cost if key.cost_per_day is None else key.cost_per_day,
        )


@dataclass(frozen=True, slots=True)
class Estimate:
    """The tokens and US dollars of an answer whose usage is unknown.

    The tokens are many: a budget had better end too early than too late.
    """

    tokens: int = 10_000
    cost: Decimal = Decimal("0.05")


ESTIMATE = Estimate()
"""The default estimate."""


@dataclass(frozen=True, slots=True)
class Used:
    """The usage of a key on a day. `estimated` counts the answers that are estimated in part."""

    answers: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal = Decimal(0)
    estimated: int = 0

    @property
    def tokens(self) -> int:
        """Input and output tokens together."""
        return self.input_tokens + self.output_tokens

    def over(self, budget: Budget) -> str | None:
        """Describes the limit that is reached; None below all limits."""
        if budget.tokens and self.tokens >= budget.tokens:
            return f"{self.tokens} of {budget.tokens} tokens"
        if budget.cost and self.cost >= budget.cost:
            return f"${self.cost:.2f} of ${budget.cost:.2f}"
        return None

    def plus(self, other: "Used", times: int = 1) -> "Used":
        """Returns the sum, with `other` counted `times` times."""
        return Used(
            self.answers + times * other.answers,
            self.input_tokens + times * other.input_tokens,
            self.output_tokens + times * other.output_tokens,
            self.cost + times * other.cost,
            self.estimated + times * other.estimated,
        )


@dataclass(frozen=True, slots=True)
class Charge:
    """The usage that an answer adds to its key's day."""

    key_id: str
    day: date
    used: Used


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A question that requests a place until `until`, for `who`: a key's id, or all of local mode.

    0 is no limit. `lost` is the charge for each place of a killed process; None without a key.
    """

    who: str
    place: str
    now: datetime
    until: datetime
    asks_per_minute: int = 0
    at_once: int = 0
    budget: Budget = Budget()
    lost: Charge | None = None


class Admissions(Protocol):
    """The counts of callers' questions, for all processes. Each call is one short transaction."""

    async def admit(self, entry: Entry) -> None:
        """Counts a question and gives it a place.

        Raises `BudgetSpent`, `TooManyAnswers` or `RateLimited`, with the time to wait.
        """
        ...

    async def take(self, name: str, count: int, *, per_minute: int, now: datetime) -> float:
        """Takes `count` requests from this bucket; returns the seconds to wait if it has fewer, else 0."""
        ...

    async def used(self, key_ids: Collection[str], day: date) -> Mapping[str, Used]:
        """Returns the usage of these keys on a day, without unused keys."""
        ...


class Charges(Protocol):
    """The usage of keys that no record of a run carries."""

    async def charge(self, charge: Charge) -> None:
        """Adds it to its key's day."""
        ...


def taken(full_at: float, now: float, *, count: int, per_minute: int) -> tuple[float, float]:
    """Takes `count` requests from a bucket that holds a minute's requests and fills evenly.

    Its state is the moment at which it will be full again (GCRA). Returns the new moment, and the
    seconds to wait if the bucket has too few.
    """
    interval = MINUTE / per_minute
    # A clock that was set back must not lock callers out.
    full_at = min(max(full_at, now), now + MINUTE)
    wait = full_at + count * interval - now - MINUTE
    return (full_at, wait) if wait > _ROUNDING else (full_at + count * interval, 0.0)


def charge(
    caller: Caller,
    usage: "RunUsage | None",
    *,
    metered: bool,
    complete: bool,
    now: datetime,
    estimate: Estimate,
) -> Charge | None:
    """Returns the charge of an answer with this usage; None without a key.

    `metered` is false for models that cost nothing. An answer that is not `complete` was stopped: the
    usage of its last request is unknown.
    """
    if caller.key_id is None:
        return None
    used = Used(answers=1)
    if metered:
        tokens = (usage.input_tokens, usage.output_tokens) if usage else (0, 0)
        cost = usage.cost if usage else None
        used = Used(1, *tokens, cost or Decimal(0))
        if not (complete and any(tokens)):
            used = replace(used, output_tokens=used.output_tokens + estimate.tokens, estimated=1)
        if not complete or cost is None:
            used = replace(used, cost=used.cost + estimate.cost, estimated=1)
    return Charge(caller.key_id, now.date(), used)


def lost(key_id: str, now: datetime, estimate: Estimate) -> Charge:
    """Returns the charge of an answer that was lost with its process."""
    used = Used(1, 0, estimate.tokens, estimate.cost, 1)
    return Charge(key_id, now.date(), used)


def until_midnight(now: datetime) -> float:
    """Returns the seconds until the day (UTC) ends."""
    tomorrow = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return (tomorrow - now).total_seconds()


if TYPE_CHECKING:
    from pydantic_ai.usage import RunUsage


class KeyAccount:
    """The accounts of the callers' keys."""

    def __init__(
        self,
        *,
        keys: ApiKeys,
        admissions: Admissions,
        charges: Charges,
        budget: Budget,
        estimate: Estimate,
        clock: Clock,
    ) -> None:
        self._keys = keys
        self._admissions = admissions
        self._charges = charges
        self._budget = budget
        self._estimate = estimate
        self._clock = clock

    async def require_budget(self, caller: Caller) -> None:
        """Raises `BudgetSpent` where the caller's key has used up a limit of this day."""
        key = None if caller.key_id is None else await self._keys.by_id(caller.key_id)
        if key is None:
            return
        now = self._clock.now()
        used = await self._admissions.used([key.key_id], now.date())
        reached = used.get(key.key_id, Used()).over(self._budget.of(key))
        if reached is not None:
            raise BudgetSpent(
                f"The key has used {reached} of this day.", retry_after=until_midnight(now)
            )

    async def charge(
        self,
        caller: Caller,
        usage: "RunUsage | None",
        *,
        metered: bool = True,
        complete: bool = True,
    ) -> None:
        """Charges the caller's key for one answer; see `admission.charge`."""
        if caller.key_id is None:
            return
        owed = charge(
            caller,
            usage,
            metered=metered,
            complete=complete,
            now=self._clock.now(),
            estimate=self._estimate,
        )
        if owed is not None:
            await self._charges.charge(owed)
