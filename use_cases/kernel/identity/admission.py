"""Whether a caller may ask now: a day's budget, answers at once, requests a minute; and what was used.

All of it is counted in the database, for all processes together. A question takes a place (a lease,
see `leasing`) while it is answered. The place of a process that was killed ends by itself; what its
answer cost is not known, and counts as `Estimate` says, as does every answer of which a provider does
not tell tokens or price, and the request at which an answer was stopped.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from use_cases.kernel.identity.api_key import ApiKey
from use_cases.kernel.model import Caller

if TYPE_CHECKING:
    # Only named: the store implements the port, and should not pay for importing this.
    from pydantic_ai.usage import RunUsage

MINUTE = 60.0
_ROUNDING = 1e-6
"""Seconds; less to wait is the rounding of sums."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be used on a day (UTC); None or 0 is no limit. `cost` is in US dollars."""

    tokens: int | None = None
    cost: Decimal | None = None

    def of(self, key: ApiKey) -> "Budget":
        """The key's own limits, where it has some, else these."""
        return Budget(
            self.tokens if key.tokens_per_day is None else key.tokens_per_day,
            self.cost if key.cost_per_day is None else key.cost_per_day,
        )


@dataclass(frozen=True, slots=True)
class Estimate:
    """What counts where it is not known: tokens and US dollars of an answer."""

    tokens: int = 10_000
    cost: Decimal = Decimal("0.05")


ESTIMATE = Estimate()
"""Where no settings say otherwise."""


@dataclass(frozen=True, slots=True)
class Used:
    """What a key used on a day. `estimated` counts the answers that are estimated in part."""

    answers: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal = Decimal(0)
    estimated: int = 0

    @property
    def tokens(self) -> int:
        """Both kinds."""
        return self.input_tokens + self.output_tokens

    def over(self, budget: Budget) -> str | None:
        """Which limit is reached, in words; None while there is something left."""
        if budget.tokens and self.tokens >= budget.tokens:
            return f"{self.tokens} of {budget.tokens} tokens"
        if budget.cost and self.cost >= budget.cost:
            return f"${self.cost:.2f} of ${budget.cost:.2f}"
        return None

    def plus(self, other: "Used", times: int = 1) -> "Used":
        """The sum."""
        return Used(
            self.answers + times * other.answers,
            self.input_tokens + times * other.input_tokens,
            self.output_tokens + times * other.output_tokens,
            self.cost + times * other.cost,
            self.estimated + times * other.estimated,
        )


@dataclass(frozen=True, slots=True)
class Charge:
    """What an answer adds to its key's day."""

    key_id: str
    day: date
    used: Used


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A question that wants a place until `until`, under `who`: a key's id, or all of local mode.

    0 is no limit. `lost` is what each place of a killed process counts as; None where nobody pays.
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
    """Counts what callers ask, for all processes. Each call is one short transaction."""

    async def admit(self, entry: Entry) -> None:
        """Count a question and give it a place, or raise `BudgetSpent`, `TooManyAnswers` or
        `RateLimited`, with the time to wait.
        """
        ...

    async def take(self, name: str, count: int, *, per_minute: int, now: datetime) -> float:
        """Take so many requests from this bucket; the seconds to wait where it has fewer, else 0."""
        ...

    async def used(self, key_ids: Collection[str], day: date) -> Mapping[str, Used]:
        """What these keys used on a day; nothing for one that used nothing."""
        ...


def taken(full_at: float, now: float, *, count: int, per_minute: int) -> tuple[float, float]:
    """Take from a bucket that holds a minute's requests and fills evenly, kept as the moment at
    which it will be full again (GCRA): its new moment, and the seconds to wait if it is refused.
    """
    interval = MINUTE / per_minute
    # A clock that was set back must not shut anybody out.
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
    """What an answer with this usage adds; None where no key is charged.

    `metered` is false for models that cost nothing. An answer that is not `complete` was stopped:
    what its last request used is not known.
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
    """What an answer adds that was lost with its process."""
    used = Used(1, 0, estimate.tokens, estimate.cost, 1)
    return Charge(key_id, now.date(), used)


def until_midnight(now: datetime) -> float:
    """Seconds until the day (UTC) ends."""
    tomorrow = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return (tomorrow - now).total_seconds()
