"""The event that decides advice: its key, and the decision on right and wrong by its tables.

Promises: advice on one event counts once. The request's own key comes first; else the entities of the
question, in its period; else the question itself, in its period or, where the domain has no periods,
on its day. The rule of `OutcomeRule` holds: right when the advised option's number is the best, wrong
when another's is better, void at a tie or when one did not take part. Alternatives that the tables
do not contain ("wait for news") are no options. Values are read once for each option and period.
"""

from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from math import isfinite

from use_cases.advice.model import NamedEntity, OutcomeState, Response
from use_cases.advice.profile import OutcomeRule, Profile
from use_cases.advice.profiles.entities import Entities
from use_cases.advice.profiles.queries import QueryTrouble, ask, first
from use_cases.advice.profiles.question_period import Period, period_end
from use_cases.kernel.ports import StructuredData

LONGEST = 200
"""The length to which a request's own key is cut."""


def event_key(
    question: str,
    named: Sequence[NamedEntity],
    period: Period,
    *,
    profile_id: str,
    today: date,
    own: str | None = None,
) -> str:
    """Returns the key of the event: `fantasy-nfl:10/2021:Name One|Name Two`, or with a hash of the
    question.
    """
    if own is not None and (line := " ".join(own.split())):
        return line[:LONGEST]
    names = sorted({entity.name for entity in named})
    when = today.isoformat() if period.number is None else _period(period)
    if names and period.number is not None:
        return f"{profile_id}:{when}:{'|'.join(names)}"
    words = " ".join(question.casefold().split())
    return f"{profile_id}:{when}:{sha256(words.encode()).hexdigest()[:16]}"


def _period(period: Period) -> str:
    return f"{period.number}/{period.ends.year}" if period.ends else f"{period.number}"


_ANOTHER_SEASON = 60
"""The number of days between the recorded end and the end in the tables at which the tables are
taken to hold another season's period of the same number.
"""


def verdict(
    chosen: float | None, others: Sequence[float | None], *, lower_wins: bool = False
) -> OutcomeState:
    """Returns the outcome of a choice by the numbers that were reached; the highest wins, or the
    lowest.
    """
    reached = [value for value in others if value is not None]
    if chosen is None or len(reached) < len(others) or not reached:
        return OutcomeState.VOID
    best = min(reached) if lower_wins else max(reached)
    if best == chosen:
        return OutcomeState.VOID
    return OutcomeState.RIGHT if (chosen < best) == lower_wins else OutcomeState.WRONG


class Decider:
    """Decides for one profile. Raises `QueryTrouble` for an unusable query or response."""

    def __init__(
        self, profile: Profile, rule: OutcomeRule, data: StructuredData, entities: Entities
    ) -> None:
        self._profile = profile
        self._rule = rule
        self._data = data
        self._entities = entities
        self._over: dict[tuple[int, date], bool] = {}
        self._values: dict[tuple[int, str], float | None] = {}

    async def decide(self, response: Response, today: date) -> tuple[OutcomeState, str] | None:
        """Returns the outcome and the values behind it, in words; None while the period is not over."""
        period = response.period
        if period is None:
            raise QueryTrouble("It is not recorded which period the advice was for.")
        if not await self.is_over(period, today):
            return None
        await self._check_season(period, response.event_ends)
        options = await self._options(response)
        values = [await self._value(option, period) for option in options]
        shown = ", ".join(
            f"{option} {'did not take part' if value is None else f'{value:g}'}"
            for option, value in zip(options, values, strict=True)
        )
        return verdict(values[0], values[1:], lower_wins=self._rule.lower_wins), shown

    async def is_over(self, period: int, today: date) -> bool:
        """Returns whether a period is decided."""
        if (period, today) not in self._over:
            values = {"period": period, "today": today.isoformat()}
            found = await ask(self._data, "outcome.over_sql", self._rule.over_sql, values)
            self._over[period, today] = bool(found.rows)
        return self._over[period, today]

    async def _check_season(self, period: int, recorded: date | None) -> None:
        if self._profile.period is None or recorded is None:
            return
        ends = await period_end(self._profile.period, period, self._data)
        if ends is not None and abs((ends - recorded).days) > _ANOTHER_SEASON:
            word = self._profile.period.word
            raise QueryTrouble(
                f"The tables hold a {word} {period} that ends {ends.isoformat()}; "
                f"the advice was for one that ends {recorded.isoformat()}."
            )

    async def _options(self, response: Response) -> Sequence[str]:
        """Returns the advised option and the others, by their names in the tables."""
        choice = await self._resolve(response.advice.choice or "")
        if choice is None:
            raise QueryTrouble(f"The tables do not know the choice {response.advice.choice!r}.")
        options = {choice: None}
        for other in response.advice.alternatives:
            if (name := await self._resolve(other.option)) is not None:
                options[name] = None
        if len(options) < 2:
            raise QueryTrouble("The advice names no alternative that the tables know.")
        return list(options)

    async def _resolve(self, option: str) -> str | None:
        if self._profile.entities is None:
            return option
        return await self._entities.resolve(self._profile, option)

    async def _value(self, option: str, period: int) -> float | None:
        if (period, option) not in self._values:
            values = {"option": option, "period": period}
            part = "outcome.value_sql"
            found = await first(self._data, part, self._rule.value_sql, values)
            if isinstance(found, str) or (found is not None and not isfinite(found)):
                raise QueryTrouble(f"The profile's {part} gives {found!r}, which is no number.")
            self._values[period, option] = None if found is None else float(found)
        return self._values[period, option]
