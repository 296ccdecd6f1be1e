"""The decision on a web search for one message, with its profile and the tables' entities.

Promises: tables that cannot be read do not count as stale, and those of a period that had ended at
their last change do not go stale. Leaves the rules to `use_cases/advice/search_rules`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

from use_cases.advice.errors import SearchOverrideConflict
from use_cases.advice.model import NamedEntity, SearchWish
from use_cases.advice.ports import Profiles
from use_cases.advice.profile import Profile
from use_cases.advice.profiles.entities import Entities
from use_cases.advice.profiles.question_period import period_of
from use_cases.advice.search_rules.decide import SearchPolicy, decide
from use_cases.advice.search_rules.verdict import (
    ActiveEntity,
    SearchOverride,
    SearchRules,
    SearchVerdict,
)
from use_cases.kernel.errors import CandorError
from use_cases.kernel.ports import Clock, StructuredData
from use_cases.kernel.runs.history import today_in, unanchored

STALE_AFTER = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class SearchQuestion(SearchWish):
    """A message to decide on. `profile` None: the default."""

    query: str
    profile: str | None = None


class DecideSearch:
    """Decides whether the web would be searched for a message, with reasons. Nothing is searched."""

    def __init__(
        self,
        *,
        profiles: Profiles,
        entities: Entities,
        data: StructuredData,
        clock: Clock,
        zone: tzinfo,
        policy: SearchPolicy,
    ) -> None:
        self._profiles = profiles
        self._entities = entities
        self._data = data
        self._clock = clock
        self._zone = zone
        self._policy = policy

    async def run(self, question: SearchQuestion) -> SearchVerdict:
        """Returns the decision. Raises `ProfileUnknown`, `ProfileBroken`, `SearchOverrideConflict`,
        `SearchOverrideAlone` or `InvalidInput`.
        """
        profile = self._profiles.profile(question.profile)
        today = today_in(self._zone, self._clock.now())
        text = unanchored(question.query)
        named = await self._entities.named(profile, text, today)
        return await decide_search(
            text,
            profile,
            named.entities,
            data=self._data,
            today=today,
            policy=self._policy,
            wish=question,
        )


async def decide_search(
    text: str,
    profile: Profile,
    named: Sequence[NamedEntity],
    *,
    data: StructuredData,
    today: date,
    policy: SearchPolicy,
    wish: SearchWish,
) -> SearchVerdict:
    """Returns the decision on a message that names these entities.

    Raises `SearchOverrideConflict`, `SearchOverrideAlone` or `InvalidInput`.
    """
    stale = await _stale_since(profile, text, today, data) if named else None
    rules = SearchRules(
        fresh_words=tuple(profile.fresh_words),
        active_entities=tuple(
            ActiveEntity(entity.name, entity.active)
            for entity in named
            if entity.active is not None
        ),
        stale_entities=tuple(
            ActiveEntity(entity.name, f"The tables that know it were last changed on {stale}.")
            for entity in named
            if stale is not None
        ),
        search_allowed=profile.web_search,
    )
    return decide(text, rules, today=today, override=_override(wish), policy=policy)


def _override(wish: SearchWish) -> str | None:
    """Returns the override, from its field or its alias. Raises `SearchOverrideConflict` when they
    differ.
    """
    stated = (wish.search_override or "").strip().lower() or None
    if wish.enable_web_search is not False:
        return stated
    if stated == SearchOverride.YES.value:
        raise SearchOverrideConflict(
            "The request says `enable_web_search: false` and /search; it is not known which one is meant."
        )
    return stated or SearchOverride.NO.value


async def _stale_since(
    profile: Profile, question: str, today: date, data: StructuredData
) -> date | None:
    """Returns the day of the newest of the profile's tables, where it is more than `STALE_AFTER` ago
    and the question's period had not ended by then; else None.
    """
    try:
        tables = await data.tables()
    except CandorError:  # the entities' notice reports it
        return None
    days = [table.document.updated for table in tables if table.name in profile.tables]
    if not days or today - max(days) <= STALE_AFTER:
        return None
    period = await period_of(profile, question, today, data)
    return None if period.ends is not None and period.ends <= max(days) else max(days)
