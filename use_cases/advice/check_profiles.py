"""Trying a profile: every query of it, once, with values that occur in the tables.

Promises an account of each part, the broken ones with what is wrong, in the order of the file; no
failure of one part hides another, but where tables are missing no query is tried. Only a file that cannot be read at all is an error.
"""

from collections.abc import AsyncIterator, Awaitable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, tzinfo

from use_cases.advice.comparison.option_values import Asked, hindrances_of, values_of, weighed
from use_cases.advice.ports import Profiles
from use_cases.advice.profile import EntityRule, OutcomeRule, PeriodRule, Profile
from use_cases.advice.profiles.columns import without_columns
from use_cases.advice.profiles.entities import Entities
from use_cases.advice.profiles.queries import QueryTrouble, ask, first, missing_tables, pages
from use_cases.advice.profiles.question_period import Period, current_period, ends_of
from use_cases.advice.profiles.seasons import season_of
from use_cases.kernel.model import Scalar
from use_cases.kernel.ports import Clock, StructuredData

_LAST_PERIOD = 60
"""Where no period is current, the middle one of those up to here that have an end is tried."""

_AT_ONCE = 20

_ENOUGH_PAIRS = 5
"""Decided pairs from which on a comparison that points the wrong way is doubted."""


@dataclass(frozen=True, slots=True)
class PartChecked:
    """One part of a profile: whether it can be used, what it gave or what is wrong, and how long it
    took.
    """

    part: str
    ok: bool
    detail: str
    milliseconds: int = 0


@dataclass(frozen=True, slots=True)
class ProfileChecked:
    """A profile that was tried, with the values its queries were given."""

    profile: Profile
    option: str | None
    period: int | None
    today: date
    parts: Sequence[PartChecked]

    @property
    def ok(self) -> bool:
        """Whether every part can be used."""
        return all(part.ok for part in self.parts)


class CheckProfile:
    """Tries a profile on the loaded tables."""

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

    async def run(
        self,
        profile_id: str | None = None,
        *,
        option: str | None = None,
        period: int | None = None,
        today: date | None = None,
    ) -> ProfileChecked:
        """Try each part. Unset values are taken from the tables: the first option that has one, the
        current period or one in the middle. Raises `ProfileUnknown` or `ProfileBroken`.
        """
        profile = self._profiles.profile(profile_id)
        today = today or self._clock.now().astimezone(self._zone).date()
        trial = _Trial(profile, self._data, self._entities, self._clock, today, option, period)
        parts = [part async for part in trial.parts()]
        return ProfileChecked(profile, trial.option, trial.period, today, parts)


class _Trial:
    """The parts of one profile, tried in turn; what one finds, later ones use."""

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

    async def parts(self) -> AsyncIterator[PartChecked]:
        """Each part that the profile has."""
        profile = self._profile
        if profile.tables:
            yield await self._tried("tables", self._tables())
            if missing_tables(profile, await self._data.tables()):
                return
        if profile.entities:
            async for part in self._entity_parts(profile.entities):
                yield part
        if profile.period:
            async for part in self._period_parts(profile.period):
                yield part
        if comparison := profile.comparison:
            asked = Asked(profile, comparison, self.period, self._today.isoformat())
            yield await self._tried("comparison.value_sql", self._value(asked))
            if comparison.availability_sql:
                yield await self._tried("comparison.availability_sql", self._available(asked))
            yield await self._tried("comparison.past_sql", self._past(asked))
        if outcome := profile.outcome:
            yield await self._tried("outcome.over_sql", self._over(outcome))
            yield await self._tried("outcome.value_sql", self._reached(outcome))

    async def _entity_parts(self, rule: EntityRule) -> AsyncIterator[PartChecked]:
        yield await self._tried("entities.sql", self._names())
        if rule.aliases:
            yield await self._tried("entities.aliases", self._aliases(rule))
        if rule.active_sql:
            yield await self._tried("entities.active_sql", self._active(rule.active_sql))

    async def _period_parts(self, rule: PeriodRule) -> AsyncIterator[PartChecked]:
        if rule.current_sql:
            yield await self._tried("period.current_sql", self._current(rule))
        if rule.ends_sql:
            yield await self._tried("period.ends_sql", self._ends(rule))
        if rule.season_sql:
            yield await self._tried("period.season_sql", self._season())

    async def _tried(self, part: str, attempt: Awaitable[str]) -> PartChecked:
        started = self._clock.monotonic()
        try:
            ok, detail = True, await attempt
        except QueryTrouble as trouble:
            ok, detail = False, str(trouble)
        return PartChecked(part, ok, detail, round((self._clock.monotonic() - started) * 1000))

    async def _tables(self) -> str:
        tables = await self._data.tables()
        if missing := missing_tables(self._profile, tables):
            raise QueryTrouble(f"Not loaded: {', '.join(missing)}. `candor ingest` loads tables.")
        if wrong := await without_columns(self._profile, tables, self._data):
            raise QueryTrouble(wrong)
        return ", ".join(self._profile.tables)

    async def _names(self) -> str:
        names = await self._entities.names(self._profile)
        if not names:
            raise QueryTrouble("It gives no names.")
        return f"{len(names):,} names, such as {', '.join(names[:3])}"

    async def _aliases(self, rule: EntityRule) -> str:
        known = set(await self._entities.names(self._profile))
        strange = [name for name in rule.aliases if name not in known]
        # Not an error: a table of this season may lack a player of the last.
        absent = f"; not in the tables: {', '.join(strange)}" if strange else ""
        return f"of {len(rule.aliases) - len(strange)} names{absent}"

    async def _active(self, sql: str) -> str:
        count = 0
        async for rows in pages(self._data, "entities.active_sql", sql, self._given):
            columns = {column.casefold() for column in rows.columns}
            if not {"name", "reason"} <= columns:
                raise QueryTrouble("It must give the columns `name` and `reason`.")
            count += len(rows.rows)
        return f"news of {count:,} on {self._today.isoformat()}"

    async def _current(self, rule: PeriodRule) -> str:
        found = await current_period(rule, self._today, self._data)
        if self.period is None:
            self.period = found
        return f"{found}" if found is not None else f"none on {self._today.isoformat()}"

    async def _ends(self, rule: PeriodRule) -> str:
        if self.period is None:
            self.period = await self._middle_period(rule)
        ends = None if self.period is None else await ends_of(rule, self.period, self._data)
        return f"{rule.word} {self.period} ends {ends}" if ends else "no end is known"

    async def _middle_period(self, rule: PeriodRule) -> int | None:
        known = [n for n in range(1, _LAST_PERIOD + 1) if await ends_of(rule, n, self._data)]
        return known[len(known) // 2] if known else None

    async def _value(self, asked: Asked) -> str:
        names = [self.option] if self.option else await self._entities.names(self._profile)
        for start in range(0, len(names), _AT_ONCE):
            values, _ = await values_of(self._data, asked, names[start : start + _AT_ONCE])
            for name, value in values.items():
                if value is not None:
                    self.option = name
                    return f"{name}: {value:g} {asked.rule.label}{self._in_period}"
        return f"no option has {asked.rule.label}{self._in_period}"

    async def _season(self) -> str:
        found = await season_of(self._profile, "", Period(self.period), self._today, self._data)
        if found.notices:
            raise QueryTrouble(found.notices[0])
        return found.name or found.missing or "none"

    async def _available(self, asked: Asked) -> str:
        option = self.option or ""
        hindered = await hindrances_of(self._data, asked, [option])
        against = hindered[option].reason if option in hindered else "nothing"
        return f"{against} against {option}{self._in_period}"

    async def _past(self, asked: Asked) -> str:
        compared = await weighed(self._data, asked, {"higher": 1.0, "lower": 0.0})
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

    async def _over(self, rule: OutcomeRule) -> str:
        found = await ask(self._data, "outcome.over_sql", rule.over_sql, self._given)
        return f"{'decided' if found.rows else 'not decided'}{self._in_period}"

    async def _reached(self, rule: OutcomeRule) -> str:
        found = await first(self._data, "outcome.value_sql", rule.value_sql, self._given)
        if isinstance(found, str):
            raise QueryTrouble(f"It gives {found!r}, which is no number.")
        told = "did not take part" if found is None else f"reached {found:g}"
        return f"{self.option} {told}{self._in_period}"

    @property
    def _given(self) -> dict[str, Scalar]:
        return {"option": self.option, "period": self.period, "today": self._today.isoformat()}

    @property
    def _in_period(self) -> str:
        rule = self._profile.period
        return f" in {rule.word} {self.period}" if rule and self.period is not None else ""
