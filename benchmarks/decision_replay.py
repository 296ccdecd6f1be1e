"""Replay of decided A-or-B decisions: the advice at the time, its outcome, and the effect of
tuning.

Promises: every case takes the path of real advice (recorded with the confidence in force, judged by
the profile's query, tuned through the store), period by period, at the time of a simulated clock;
an adviser uses nothing later; the test periods never tune. Leaves to others: reading the cases,
loading the tables that decide them, and printing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from math import exp, fsum
from typing import TypeAlias

from backend.composition.container import Container
from use_cases.advice.comparison.option_values import Decided, fit_slope
from use_cases.advice.confidence.report_model import Which
from use_cases.advice.confidence.reports import to_forecasts
from use_cases.advice.confidence.shown_confidence import Scale
from use_cases.advice.errors import CasesInvalid
from use_cases.advice.model import (
    Advice,
    Alternative,
    Confidence,
    Freshness,
    NamedEntity,
    OutcomeState,
    Response,
    ResponseFilter,
    Scored,
)
from use_cases.advice.outcomes.deciders import event_key
from use_cases.advice.ports import Calibrations, Profiles, Responses
from use_cases.advice.profile import Profile
from use_cases.advice.profiles.queries import QueryTrouble
from use_cases.advice.profiles.question_period import Period, period_end
from use_cases.advice.search_rules.verdict import SearchDecision
from use_cases.advice.tuning.base_rates import base_rates
from use_cases.advice.tuning.tuning_report import TuningRequest, TuningResult
from use_cases.kernel.model import LOCAL
from use_cases.kernel.ports import Ids, StructuredData
from use_cases.kernel.statistics.bands import Band, group_by_band
from use_cases.kernel.statistics.figures import Forecast
from use_cases.kernel.statistics.forecast_scores import brier
from use_cases.kernel.statistics.report import (
    Calibration,
    Scores,
    calibration_report,
    score_report,
)

_PROMPT_VERSION = "replay"

# In each period advice comes days before its end, the outcomes a day after it, and the next period's
# advice when those have settled for the day that tuning asks for.
_ADVISED_BEFORE = timedelta(days=4)
_RESOLVED_AFTER = timedelta(days=1)
_NOON = time(12, tzinfo=UTC)

_CONSTANTS = (0.5, 0.8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An A-or-B decision in a period. `a_value` and `b_value` were known beforehand."""

    period: int
    a: str
    b: str
    a_value: float
    b_value: float

    @property
    def gap(self) -> float:
        """The difference of the two values; never below 0."""
        return abs(self.a_value - self.b_value)

    @property
    def higher(self) -> str:
        """The option with the higher value; A where both are equal."""
        return self.a if self.a_value >= self.b_value else self.b

    @property
    def lower(self) -> str:
        """The other option."""
        return self.b if self.a_value >= self.b_value else self.a


class Adviser(StrEnum):
    """The advisers: each chooses the higher option, and they differ in their confidence."""

    CONSTANT = "constant"
    """States 0.80 for every gap."""
    CONFIDENT = "confident"
    """States 0.70, and 0.05 more for each unit of the gap, up to 0.95."""
    CURVE = "curve"
    """States the chance of a curve that is fitted to the decisions of earlier periods."""


Chance: TypeAlias = Callable[[float], float]
"""The probability that the higher option wins, by the gap."""


def chance(adviser: Adviser, earlier: Sequence[Decided]) -> Chance:
    """Return the adviser's chance, given these decisions of earlier periods."""
    match adviser:
        case Adviser.CONSTANT:
            return lambda _gap: 0.80
        case Adviser.CONFIDENT:
            return lambda gap: min(0.95, 0.70 + 0.05 * gap)
        case Adviser.CURVE:
            slope = fit_slope(earlier)
            return lambda gap: 1 / (1 + exp(-slope * gap))


class TurnedClock:
    """Port `Clock`: a clock set by hand, so that a wait of a day takes no time."""

    def __init__(self, begin: datetime) -> None:
        self._now = begin

    def now(self) -> datetime:
        """Return the time that was set."""
        return self._now

    def monotonic(self) -> float:
        """Return the same in seconds; it never decreases."""
        return self._now.timestamp()

    def turn_to(self, moment: datetime) -> None:
        """Set the time. Raises `ValueError` for one that has passed."""
        if moment < self._now:
            raise ValueError(f"{moment} is before {self._now}")
        self._now = moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Scores and calibration of stated probabilities on decided cases."""

    scores: Scores
    calibration: Calibration

    @classmethod
    def of(cls, forecasts: Sequence[Forecast]) -> "Figures":
        """Return the figures of these forecasts."""
        return cls(scores=score_report(forecasts), calibration=calibration_report(forecasts))


@dataclass(frozen=True, slots=True)
class ReplayTuning:
    """A tuning of a replay, and the period that it precedes."""

    before_period: int
    result: TuningResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """One adviser's replay. `trained` and `before` are its stated confidence in the training and in
    the test periods, `after` is `before` as tuning corrects it.

    `cases` counts all, `void` those without a winner, `pending` those that the profile's query
    could not decide. `constants` are the Brier scores of a constant probability in the test
    periods. `mean_after` is the mean of `after` in each band of `before`, None for an empty band.
    """

    adviser: Adviser
    cases: int
    void: int
    pending: int
    trained: Figures
    before: Figures
    after: Figures
    tunings: Sequence[ReplayTuning]
    constants: Mapping[float, float]
    mean_after: Sequence[float | None]

    @property
    def before_bands(self) -> Sequence[Band]:
        """The bands of stated confidence in the test periods."""
        return [verdict.band for verdict in self.before.calibration.bands]


class ReplayDecisions:
    """Replays cases in the store of a Candor, which must be empty and have `clock` as its clock."""

    def __init__(self, candor: Container, clock: TurnedClock) -> None:
        advice = candor.advice
        self._responses: Responses = advice.responses
        self._calibrations: Calibrations = advice.calibrations
        self._profiles: Profiles = advice.profiles
        self._resolve = advice.resolve_outcomes
        self._tune = advice.tune_confidence
        self._data: StructuredData = candor.knowledge.data
        self._clock = clock
        self._ids: Ids = candor.ids

    async def run(
        self,
        cases: Sequence[Case],
        adviser: Adviser,
        *,
        profile: str,
        train: range,
        test: range,
    ) -> Replay:
        """Tune on the `train` periods, test on the `test` periods.

        Raises `CasesInvalid` where either has no case or the training does not come first, and for
        a profile without the end of a period.
        """
        _check(cases, train, test)
        found = self._profiles.profile(profile)
        replayed: dict[str, Case] = {}
        tunings: list[ReplayTuning] = []
        previous = -1
        for number in sorted({case.period for case in cases} & {*train, *test}):
            ends = await self._ends(found, number)
            self._clock.turn_to(datetime.combine(ends - _ADVISED_BEFORE, _NOON))
            if previous in train:
                request = TuningRequest(profile=found.profile_id, dry_run=False)
                tunings.append(ReplayTuning(number, await self._tune.run(LOCAL, request)))
            scored = await self._scored(found)
            known = _decided_pairs(replayed, scored)
            learned = [row for row in scored if replayed[row.response_id].period in train]
            scale = await self._scale(found, adviser, learned)
            of_period = [case for case in cases if case.period == number]
            replayed |= await self._advise(found, scale, adviser, of_period, ends, known)
            self._clock.turn_to(datetime.combine(ends + _RESOLVED_AFTER, _NOON))
            await self._resolve.run(LOCAL, profile=found.profile_id)
            previous = number
        return _summarise(adviser, replayed, await self._scored(found), tunings, (train, test))

    async def _scale(self, profile: Profile, adviser: Adviser, rows: Sequence[Scored]) -> Scale:
        """Return the scale of real advice, as these outcomes determine it."""
        version = await self._calibrations.current(profile.profile_id)
        rate = base_rates(rows, version).get((adviser.value, _PROMPT_VERSION))
        return Scale(profile, version, _PROMPT_VERSION, {adviser.value: rate} if rate else {})

    async def _scored(self, profile: Profile) -> Sequence[Scored]:
        return await self._responses.scored(LOCAL, ResponseFilter(profile=profile.profile_id))

    async def _ends(self, profile: Profile, number: int) -> date:
        ends = None
        if profile.period is not None:
            try:
                ends = await period_end(profile.period, number, self._data)
            except QueryTrouble as trouble:
                raise CasesInvalid(str(trouble)) from trouble
        if ends is None:
            raise CasesInvalid(
                f"The profile {profile.profile_id} cannot tell when period {number} ends."
            )
        return ends

    async def _advise(
        self,
        profile: Profile,
        scale: Scale,
        adviser: Adviser,
        cases: Sequence[Case],
        ends: date,
        known: Sequence[Decided],
    ) -> dict[str, Case]:
        """Record advice on each case, with the adviser's confidence at the time; cases by response."""
        says = chance(adviser, known)
        kept: dict[str, Case] = {}
        for case in cases:
            confidence = scale.confidence(says(case.gap), adviser.value, Freshness.NOT_NEEDED)
            advice = _advice(case, confidence)
            response = self._response(profile, adviser, case, ends, advice)
            await self._responses.keep(response)
            kept[response.response_id] = case
        return kept

    def _response(
        self, profile: Profile, adviser: Adviser, case: Case, ends: date, advice: Advice
    ) -> Response:
        now = self._clock.now()
        word = profile.period.word if profile.period else "period"
        question = f"{case.a} or {case.b} in {word} {case.period}?"
        key = event_key(
            question,
            [NamedEntity(case.a, case.a), NamedEntity(case.b, case.b)],
            Period(case.period, ends),
            profile_id=profile.profile_id,
            today=now.date(),
        )
        return Response(
            response_id=self._ids.new("resp"),
            user_id=LOCAL.user_id,
            profile=profile.profile_id,
            profile_version=profile.version,
            prompt_type="default",
            prompt_version=_PROMPT_VERSION,
            model=adviser.value,
            question=question,
            advice=advice,
            search_decision=SearchDecision.DEFAULT_NO,
            web_search_used=False,
            freshness=Freshness.NOT_NEEDED,
            latency_ms=0,
            created_at=now,
            event_key=key,
            event_ends=ends,
            period=case.period,
        )


def _check(cases: Sequence[Case], train: range, test: range) -> None:
    for name, periods in (("train", train), ("test", test)):
        if not any(case.period in periods for case in cases):
            raise CasesInvalid(f"There is no case in the periods to {name} on.")
    if train.stop > test.start:
        raise CasesInvalid("The periods to test on must come after those to train on.")


def _advice(case: Case, confidence: Confidence) -> Advice:
    return Advice(
        main_advice=f"{case.higher}.",
        reasoning=f"{case.gap:g} more was expected of it.",
        confidence=confidence,
        choice=case.higher,
        alternatives=(Alternative(case.lower, "Less was expected of it."),),
    )


def _decided_pairs(replayed: Mapping[str, Case], scored: Sequence[Scored]) -> list[Decided]:
    """Return the decided cases so far; every adviser chooses the higher option."""
    return [
        Decided(replayed[row.response_id].gap, 1, float(row.right))
        for row in scored
        if row.resolved
    ]


def _summarise(
    adviser: Adviser,
    replayed: Mapping[str, Case],
    scored: Sequence[Scored],
    tunings: Sequence[ReplayTuning],
    periods: tuple[range, range],
) -> Replay:
    """Return the figures of a replay from its recorded responses; `periods` to train and to test."""
    train, test = ([r for r in scored if replayed[r.response_id].period in p] for p in periods)
    before = to_forecasts(test, Which.STATED)
    after = to_forecasts(test, Which.CALIBRATED)
    return Replay(
        adviser=adviser,
        cases=len(scored),
        void=sum(row.outcome is OutcomeState.VOID for row in scored),
        pending=sum(row.outcome is OutcomeState.PENDING for row in scored),
        trained=Figures.of(to_forecasts(train, Which.STATED)),
        before=Figures.of(before),
        after=Figures.of(after),
        tunings=tuple(tunings),
        mean_after=_mean_after(before, after),
        constants={p: brier([replace(f, probability=p) for f in after]) for p in _CONSTANTS}
        if after
        else {},
    )


def _mean_after(before: Sequence[Forecast], after: Sequence[Forecast]) -> list[float | None]:
    later = {id(stated): shown.probability for stated, shown in zip(before, after, strict=True)}
    groups = ([later[id(row)] for row in rows] for rows in group_by_band(before))
    return [fsum(group) / len(group) if group else None for group in groups]
