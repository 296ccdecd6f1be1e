"""Check of a profile: every query of it runs once, with values that occur in the tables.

Promises: a result for each part in the order of the file, with the reason where a part cannot be
used; no failure of one part hides another, but where tables are missing no query runs. Only a file
that cannot be read at all is an error.
"""

from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, tzinfo

from use_cases.advice.comparison.option_values import (
    ComparisonRequest,
    find_hindrances,
    option_values,
    with_chances,
)
from use_cases.advice.errors import ProfileBroken, ProfileUnknown
from use_cases.advice.ports import Profiles
from use_cases.advice.profile import PLAIN_LABEL, EntityRule, OutcomeRule, PeriodRule, Profile
from use_cases.advice.profiles.entities import Entities
from use_cases.advice.profiles.queries import (
    QueryTrouble,
    ask,
    find_missing_column,
    first,
    missing_tables,
    pages,
)
from use_cases.advice.profiles.question_period import Period, current_period, period_end, season_of
from use_cases.kernel.model import Scalar
from use_cases.kernel.ports import Clock, StructuredData

_LAST_PERIOD = 60
"""Where no period is current, the check takes the middle one of those up to here that have an end.
"""

_BATCH = 20

_ENOUGH_PAIRS = 5
"""The least number of decided pairs at which a comparison that points the wrong way is doubted."""


@dataclass(frozen=True, slots=True)
class PartCheck:
    """The check of one part of a profile: usable or not, its result or its fault, and its duration."""

    part: str
    ok: bool
    detail: str
    milliseconds: int = 0


@dataclass(frozen=True, slots=True)
class ProfileCheck:
    """The checks of all parts of a profile, with the values that its queries ran with."""

    profile: Profile
    option: str | None
    period: int | None
    today: date
    parts: Sequence[PartCheck]

    @property
    def ok(self) -> bool:
        """True if every part can be used."""
        return all(part.ok for part in self.parts)


class ReadProfiles:
    """The domains of advice, and whether each can be used with the loaded tables."""

    def __init__(
        self,
        *,
        profiles: Profiles,
        data: StructuredData,
        entities: Entities,
        clock: Clock,
        zone: tzinfo = UTC,
    ) -> None:
        self._profiles = profiles
        self._data = data
        self._entities = entities
        self._clock = clock
        self._zone = zone

    def names(self) -> Sequence[str]:
        """Returns all profiles, broken ones too."""
        return self._profiles.names()

    def unusable(self) -> Mapping[str, str]:
        """Returns the files that cannot be used as profiles, with the reason, by name."""
        return self._profiles.unusable()

    def show(self, profile_id: str | None = None) -> Profile:
        """Returns the named profile, or the default. Raises `ProfileUnknown` or `ProfileBroken`."""
        return self._profiles.profile(profile_id)

    def option_label(self, profile_id: str) -> str:
        """Returns what a profile calls an option; of one that is gone or broken the plain word."""
        try:
            return self.show(profile_id).option_label
        except (ProfileUnknown, ProfileBroken):
            return PLAIN_LABEL

    async def check(
        self,
        profile_id: str | None = None,
        *,
        option: str | None = None,
        period: int | None = None,
        today: date | None = None,
    ) -> ProfileCheck:
        """Checks each part. Unset values come from the tables: the first option that has one, the
        current period or one in the middle. Raises `ProfileUnknown` or `ProfileBroken`.
        """
        profile = self._profiles.profile(profile_id)
        today = today or self._clock.now().astimezone(self._zone).date()
        trial = _Trial(profile, self._data, self._entities, self._clock, today, option, period)
        parts = [part async for part in trial.parts()]
        return ProfileCheck(profile, trial.option, trial.period, today, parts)


class _Trial:
    """The parts of one profile, checked in turn; later checks use the values that earlier ones
    found.
    """

    def __init__(
        self,
        profile: Profile,
        data: StructuredData,
        entities: Entities,
        clock: Clock,
        today: date,
        option: str | None,
        period: int | None,
    ) -> None:
        self.option = option
        self.period = period
        self._profile = profile
        self._data = data
        self._entities = entities
        self._clock = clock
        self._today = today

    async def parts(self) -> AsyncIterator[PartCheck]:
        """Checks each part that the profile has."""
        profile = self._profile
        if profile.tables:
            yield await self._try("tables", self._check_tables())
            if missing_tables(profile, await self._data.tables()):
                return
        if profile.entities:
            async for part in self._entity_parts(profile.entities):
                yield part
        if profile.period:
            async for part in self._period_parts(profile.period):
                yield part
        if comparison := profile.comparison:
            request = ComparisonRequest(profile, comparison, self.period, self._today.isoformat())
            yield await self._try("comparison.value_sql", self._check_value(request))
            if comparison.availability_sql:
                yield await self._try(
                    "comparison.availability_sql", self._check_availability(request)
                )
            yield await self._try("comparison.past_sql", self._check_past(request))
        if outcome := profile.outcome:
            yield await self._try("outcome.over_sql", self._check_over(outcome))
            yield await self._try("outcome.value_sql", self._check_outcome_value(outcome))

    async def _entity_parts(self, rule: EntityRule) -> AsyncIterator[PartCheck]:
        yield await self._try("entities.sql", self._check_names())
        if rule.aliases:
            yield await self._try("entities.aliases", self._check_aliases(rule))
        if rule.active_sql:
            yield await self._try("entities.active_sql", self._check_active(rule.active_sql))

    async def _period_parts(self, rule: PeriodRule) -> AsyncIterator[PartCheck]:
        if rule.current_sql:
            yield await self._try("period.current_sql", self._check_current(rule))
        if rule.ends_sql:
            yield await self._try("period.ends_sql", self._check_ends(rule))
        if rule.season_sql:
            yield await self._try("period.season_sql", self._check_season())

    async def _try(self, part: str, attempt: Awaitable[str]) -> PartCheck:
        started = self._clock.monotonic()
        try:
            ok, detail = True, await attempt
        except QueryTrouble as trouble:
            ok, detail = False, str(trouble)
        return PartCheck(part, ok, detail, round((self._clock.monotonic() - started) * 1000))

    async def _check_tables(self) -> str:
        tables = await self._data.tables()
        if missing := missing_tables(self._profile, tables):
            raise QueryTrouble(f"Not loaded: {', '.join(missing)}. `candor ingest` loads tables.")
        if wrong := await find_missing_column(self._profile, tables, self._data):
            raise QueryTrouble(wrong)
        return ", ".join(self._profile.tables)

    async def _check_names(self) -> str:
        names = await self._entities.names(self._profile)
        if not names:
            raise QueryTrouble("It gives no names.")
        return f"{len(names):,} names, such as {', '.join(names[:3])}"

    async def _check_aliases(self, rule: EntityRule) -> str:
        known = set(await self._entities.names(self._profile))
        strange = [name for name in rule.aliases if name not in known]
        # Not an error: a table of this season may lack a player of the last.
        absent = f"; not in the tables: {', '.join(strange)}" if strange else ""
        return f"of {len(rule.aliases) - len(strange)} names{absent}"

    async def _check_active(self, sql: str) -> str:
        count = 0
        async for rows in pages(self._data, "entities.active_sql", sql, self._query_values):
            columns = {column.casefold() for column in rows.columns}
            if not {"name", "reason"} <= columns:
                raise QueryTrouble("It must give the columns `name` and `reason`.")
            count += len(rows.rows)
        return f"news of {count:,} on {self._today.isoformat()}"

    async def _check_current(self, rule: PeriodRule) -> str:
        found = await current_period(rule, self._today, self._data)
        if self.period is None:
            self.period = found
        return f"{found}" if found is not None else f"none on {self._today.isoformat()}"

    async def _check_ends(self, rule: PeriodRule) -> str:
        if self.period is None:
            self.period = await self._middle_period(rule)
        ends = None if self.period is None else await period_end(rule, self.period, self._data)
        return f"{rule.word} {self.period} ends {ends}" if ends else "no end is known"

    async def _middle_period(self, rule: PeriodRule) -> int | None:
        known = [n for n in range(1, _LAST_PERIOD + 1) if await period_end(rule, n, self._data)]
        return known[len(known) // 2] if known else None

    async def _check_value(self, request: ComparisonRequest) -> str:
        names = [self.option] if self.option else await self._entities.names(self._profile)
        for start in range(0, len(names), _BATCH):
            values, _ = await option_values(self._data, request, names[start : start + _BATCH])
            for name, value in values.items():
                if value is not None:
                    self.option = name
                    return f"{name}: {value:g} {request.rule.label}{self._in_period}"
        return f"no option has {request.rule.label}{self._in_period}"

    async def _check_season(self) -> str:
        found = await season_of(self._profile, "", Period(self.period), self._today, self._data)
        if found.notices:
            raise QueryTrouble(found.notices[0])
        return found.name or found.missing or "none"

    async def _check_availability(self, request: ComparisonRequest) -> str:
        option = self.option or ""
        hindered = await find_hindrances(self._data, request, [option])
        against = hindered[option].reason if option in hindered else "nothing"
        return f"{against} against {option}{self._in_period}"

    async def _check_past(self, request: ComparisonRequest) -> str:
        compared = await with_chances(self._data, request, {"higher": 1.0, "lower": 0.0})
        if not compared.cases:
            return "no pair was decided before"
        chance = (compared.options[0].chance or 0) / 100
        few = compared.cases >= _ENOUGH_PAIRS and 2 * compared.won < compared.cases
        doubt = "; they won less than half: is lower_wins right?" if few else ""
        return (
            f"{compared.cases:,} decided pairs, {compared.won:,} won by the "
            f"{'lower' if compared.lower_wins else 'higher'}; "
            f"a gap of 1 gives {chance:.1f} in 100{doubt}"
        )

    async def _check_over(self, rule: OutcomeRule) -> str:
        found = await ask(self._data, "outcome.over_sql", rule.over_sql, self._query_values)
        return f"{'decided' if found.rows else 'not decided'}{self._in_period}"

    async def _check_outcome_value(self, rule: OutcomeRule) -> str:
        found = await first(self._data, "outcome.value_sql", rule.value_sql, self._query_values)
        if isinstance(found, str):
            raise QueryTrouble(f"It gives {found!r}, which is no number.")
        result = "did not take part" if found is None else f"reached {found:g}"
        return f"{self.option} {result}{self._in_period}"

    @property
    def _query_values(self) -> dict[str, Scalar]:
        return {"option": self.option, "period": self.period, "today": self._today.isoformat()}

    @property
    def _in_period(self) -> str:
        rule = self._profile.period
        return f" in {rule.word} {self.period}" if rule and self.period is not None else ""
