"""Reports on stated confidence: statistics, Brier score, calibration, the record, the phrases.

Promises: a report covers the caller's own responses of a stated window, and states how many of them
are judged. It is a pure function of the recorded rows: only right and wrong are forecasts, pending
and void responses are counted and left out; no rows, one class, certainty that failed: figures are
None or carry a warning, never an error and never a 0 for "unknown"; the parts of a dimension add up to
the whole; the present state of the phrases is the version in force, not the newest attempt. Leaves to
others: the figures (`use_cases/kernel/statistics`), their presentation, and the significance of a
difference between two parts (their intervals show it).
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import fsum, sqrt
from typing import TypeVar

from use_cases.advice.confidence.report_model import (
    BreakdownBy,
    BreakdownRow,
    BrierReport,
    CalibrationReport,
    ConfidenceStats,
    Counts,
    PhraseStatus,
    RecentRequest,
    RecentResponses,
    ReportRequest,
    TuningMode,
    Which,
    Window,
)
from use_cases.advice.errors import ProfileUnknown
from use_cases.advice.model import (
    Advice,
    CalibrationVersion,
    OutcomeState,
    Response,
    ResponseFilter,
    ResponseScope,
    Scored,
    TuningNote,
    VersionKind,
)
from use_cases.advice.ports import Calibrations, Profiles, Responses
from use_cases.advice.profile import CERTAIN, Profile
from use_cases.advice.tuning.base_rates import base_rates, describe_rate, evidence_filter
from use_cases.advice.tuning.maps import phrase_map
from use_cases.advice.tuning.tune import check_window
from use_cases.advice.tuning.tuning_report import GroupBaseRate, PhraseMap
from use_cases.kernel.model import Caller, require_limit
from use_cases.kernel.model_names import full_name
from use_cases.kernel.ports import Clock
from use_cases.kernel.statistics.bands import group_by_band, make_bands
from use_cases.kernel.statistics.distributions import Z95
from use_cases.kernel.statistics.figures import Forecast, Statistic, counted, statistic
from use_cases.kernel.statistics.forecast_scores import (
    FEW_EVENTS,
    auc,
    brier,
    mean_probability,
    rate,
)
from use_cases.kernel.statistics.report import calibration_report, drift_report, score_report

STATS_DAYS = 7
BRIER_DAYS = 7
CALIBRATION_DAYS = 30
STATUS_DAYS = 30
"""The default windows."""

LARGEST_PAGE = 200
PREVIOUS = 20
"""The number of earlier versions and audit entries in the status."""

REDACTED = "[redacted]"

_Report = TypeVar("_Report")
_Make = Callable[[Sequence[Scored], ReportRequest, Window], _Report]


class ReportConfidence:
    """The reports on confidence; each reads the record once."""

    def __init__(
        self,
        *,
        responses: Responses,
        calibrations: Calibrations,
        profiles: Profiles,
        clock: Clock,
    ) -> None:
        self._responses = responses
        self._calibrations = calibrations
        self._profiles = profiles
        self._clock = clock

    async def stats(self, caller: Caller, request: ReportRequest | None = None) -> ConfidenceStats:
        """Returns the accuracy and the quality of the stated numbers; 7 days by default.

        Raises, as the two after it, `InvalidInput` for a window outside 1 to 3,650 days,
        `StatisticsOptionInvalid` for other than 5 to 20 bands, and `ProfileUnknown`.
        """
        return await self._report(caller, request or ReportRequest(), STATS_DAYS, report_stats)

    async def brier(self, caller: Caller, request: ReportRequest | None = None) -> BrierReport:
        """Returns the Brier score and its decomposition; 7 days by default."""
        return await self._report(caller, request or ReportRequest(), BRIER_DAYS, report_brier)

    async def calibration(
        self, caller: Caller, request: ReportRequest | None = None
    ) -> CalibrationReport:
        """Returns the calibration of confidence; 30 days by default."""
        return await self._report(
            caller, request or ReportRequest(), CALIBRATION_DAYS, report_calibration
        )

    async def recent(self, caller: Caller, request: RecentRequest | None = None) -> RecentResponses:
        """Returns recorded advice, newest first, page by page; of all time by default.

        Raises `InvalidInput` for a limit outside 1 to `LARGEST_PAGE` or an invalid window,
        `ResponseNotFound` when `before` is none of the caller's, and `ProfileUnknown`.
        """
        request = request or RecentRequest()
        require_limit(request.limit, LARGEST_PAGE)
        wanted = await self._filter(caller, request, request.days_back, self._clock.now())
        page = await self._responses.responses(
            caller,
            replace(wanted, outcome=request.outcome),
            limit=request.limit,
            before=request.before,
        )
        return RecentResponses(
            responses=tuple(map(redact, page)) if request.redact else tuple(page),
            total_count=page.total,
            returned=len(page),
            next_before=page[-1].response_id if page.more else None,
            timestamp=page[0].created_at if page else None,
            redacted=request.redact,
        )

    async def phrase_status(
        self, caller: Caller, profile: str | None = None, request: ReportRequest | None = None
    ) -> PhraseStatus:
        """Returns the present meaning of each phrase, with time, author and reason.

        `profile` None: the request's, or the default one. Raises as `stats`, and `ProfileBroken`.
        """
        request = request or ReportRequest()
        found = self._profiles.profile(profile or request.profile)
        rows, about = await self._rows(
            caller, replace(request, profile=found.profile_id), STATUS_DAYS
        )
        name = found.profile_id
        everyone = replace(caller, owns_all=True)
        response_filter = evidence_filter(name, about.until)
        return await asyncio.to_thread(
            report_phrases,
            found,
            rows,
            request,
            about,
            everyones=await self._responses.scored(everyone, response_filter),
            current=await self._calibrations.current(name),
            versions=await self._calibrations.versions(name, limit=PREVIOUS),
            notes=await self._calibrations.notes(name, limit=PREVIOUS),
        )

    async def _report(
        self, caller: Caller, request: ReportRequest, days: int, make: "_Make[_Report]"
    ) -> _Report:
        rows, about = await self._rows(caller, request, days)
        # Some ten thousand rows take most of a second, in which others want to be served.
        return await asyncio.to_thread(make, rows, request, about)

    async def _rows(
        self, caller: Caller, request: ReportRequest, days: int
    ) -> tuple[Sequence[Scored], Window]:
        days_back = days if request.days_back is None else request.days_back
        now = self._clock.now()
        wanted = await self._filter(caller, request, days_back, now)
        group_by_band((), bands=request.bands, edges=request.edges)
        rows = await self._responses.scored(caller, wanted)
        recorded = (await self._responses.responses(caller, wanted, limit=1)).total
        return rows, make_window(rows, request, days_back, now, recorded=recorded)

    async def _filter(
        self, caller: Caller, request: ResponseScope, days_back: int | None, now: datetime
    ) -> ResponseFilter:
        """Returns the filter of a request's responses; `days_back` None: of all time."""
        if days_back is not None:
            check_window(days_back)
        return ResponseFilter(
            since=None if days_back is None else now - timedelta(days=days_back),
            profile=await self._profile(caller, request.profile),
            model=full_name(request.model) if request.model else None,
            prompt_version=request.prompt_version,
        )

    async def _profile(self, caller: Caller, profile: str | None) -> str | None:
        """Returns a profile's id if it exists; responses of one that is broken now, or gone, stay readable."""
        if profile is None or profile in self._profiles.names():
            return profile
        try:
            return self._profiles.profile(profile).profile_id
        except ProfileUnknown:
            gone = ResponseFilter(profile=profile)
            if not (await self._responses.responses(caller, gone, limit=1)).total:
                raise
            return profile


def redact(response: Response) -> Response:
    """Returns a response without texts that people or models wrote: the question, the advice, the
    notes.
    """
    advice = response.advice
    return replace(
        response,
        question=REDACTED,
        advice=Advice(
            main_advice=REDACTED,
            reasoning=REDACTED,
            confidence=advice.confidence,
            outcome=advice.outcome,
        ),
        tool_calls=(),
        event_key=None,
        feedback_notes=None if response.feedback_notes is None else REDACTED,
    )


def make_window(
    rows: Sequence[Scored], request: ReportRequest, days_back: int, now: datetime, *, recorded: int
) -> Window:
    """Returns the window of the report; `recorded` counts its responses without a confidence, too."""
    return Window(
        days_back=days_back,
        since=now - timedelta(days=days_back),
        until=now,
        which=request.which,
        counts=count_outcomes(rows),
        # One may be recorded while the rows are read.
        unsure=max(0, recorded - len(rows)),
    )


def count_outcomes(rows: Sequence[Scored]) -> Counts:
    """Counts rows by outcome."""
    right = sum(row.right for row in rows)
    wrong = sum(row.outcome is OutcomeState.WRONG for row in rows)
    void = sum(row.outcome is OutcomeState.VOID for row in rows)
    resolved = right + wrong
    return Counts(
        total=len(rows),
        resolved=resolved,
        right=right,
        wrong=wrong,
        void=void,
        pending=len(rows) - resolved - void,
        events=len({row.event for row in rows if row.resolved}),
        coverage=resolved / (len(rows) - void) if len(rows) > void else None,
    )


def to_forecasts(rows: Iterable[Scored], which: Which) -> list[Forecast]:
    """Returns the resolved rows as forecasts."""
    return [row.forecast(confidence_of(row, which)) for row in rows if row.resolved]


def confidence_of(row: Scored, which: Which) -> int:
    """Returns the shown or the stated confidence in basis points."""
    return row.stated if which is Which.STATED else row.calibrated


def report_stats(rows: Sequence[Scored], request: ReportRequest, about: Window) -> ConfidenceStats:
    """Returns totals, scores, bands, and the same by model, prompt version, web search and profile."""
    known = to_forecasts(rows, request.which)
    coverage = about.counts.coverage
    scores = score_report(known, coverage=coverage, bands=request.bands, edges=request.edges)
    shown = [confidence_of(row, request.which) / CERTAIN for row in rows]
    return ConfidenceStats(
        window=about,
        average_confidence=fsum(shown) / len(shown) if shown else None,
        scores=scores,
        bands=make_bands(known, bands=request.bands, edges=request.edges, coverage=coverage),
        breakdown=tuple(break_down(rows, request.which)),
        last_updated=max(
            (moment for row in rows for moment in (row.created_at, row.feedback_at) if moment),
            default=None,
        ),
        warnings=join_warnings(scores.warnings, scores.brier.warnings, scores.auc.warnings),
    )


def report_brier(rows: Sequence[Scored], request: ReportRequest, about: Window) -> BrierReport:
    """Returns the score, its parts, and bands for a diagram."""
    known = to_forecasts(rows, request.which)
    coverage = about.counts.coverage
    scores = score_report(known, coverage=coverage, bands=request.bands, edges=request.edges)
    return BrierReport(
        window=about,
        scores=scores,
        bands=make_bands(known, bands=request.bands, edges=request.edges, coverage=coverage),
        warnings=join_warnings(scores.warnings, scores.brier.warnings, scores.log_loss.warnings),
    )


def report_calibration(
    rows: Sequence[Scored], request: ReportRequest, about: Window
) -> CalibrationReport:
    """Returns the calibration of confidence, and its drift over time."""
    known = to_forecasts(rows, request.which)
    coverage = about.counts.coverage
    scores = score_report(known, coverage=coverage, bands=request.bands, edges=request.edges)
    calibrated = calibration_report(
        known, coverage=coverage, bands=request.bands, edges=request.edges
    )
    drift = drift_report(known, coverage=coverage)
    return CalibrationReport(
        window=about,
        scores=scores,
        calibration=calibrated,
        drift=drift,
        warnings=join_warnings(
            calibrated.warnings,
            calibrated.errors.warnings,
            scores.log_loss.warnings,
            drift.windows.warnings,
        ),
    )


def join_warnings(*several: Iterable[str]) -> tuple[str, ...]:
    """Returns all warnings, each once, in order."""
    return tuple(dict.fromkeys(text for each in several for text in each))


def break_down(rows: Sequence[Scored], which: Which) -> Iterator[BreakdownRow]:
    """Yields the parts of each dimension, by value."""
    for dimension in BreakdownBy:
        grouped: dict[str, list[Scored]] = {}
        for row in rows:
            grouped.setdefault(_value(row, dimension), []).append(row)
        for value in sorted(grouped):
            yield _part(dimension, value, grouped[value], which)


def brier_by_events(known: Sequence[Forecast], coverage: float | None) -> Statistic:
    """Returns the Brier score with the normal 95 % interval of a ratio over events.

    With e = loss - score x rows of an event, G events, n rows: score -+ 1.96 sqrt(G / (G - 1) sum
    e^2) / n. It is what the bootstrap by events tends to, for a thousandth of its time; no interval
    under 20 events, where it would be too narrow.
    """
    if not known:
        return statistic(None, known, coverage)
    score = brier(known)
    rests: dict[str, list[float]] = {}
    for place, each in enumerate(known):
        event = f"alone {place}" if each.event is None else f"event {each.event}"
        rests.setdefault(event, []).append((each.probability - each.right) ** 2 - score)
    events = len(rests)
    if events < FEW_EVENTS:
        return statistic(score, known, coverage, f"No interval: only {counted(events, 'event')}.")
    spread = fsum(fsum(rest) ** 2 for rest in rests.values()) * events / (events - 1)
    reach = Z95 * sqrt(spread) / len(known)
    interval = (max(0.0, score - reach), min(1.0, score + reach))
    return statistic(score, known, coverage, interval=interval)


def _value(row: Scored, dimension: BreakdownBy) -> str:
    if dimension is BreakdownBy.WEB_SEARCH_USED:
        return "true" if row.web_search_used else "false"
    return {
        BreakdownBy.MODEL: row.model,
        BreakdownBy.PROMPT_VERSION: row.prompt_version,
        BreakdownBy.PROFILE: row.profile,
    }[dimension]


def _part(dimension: BreakdownBy, value: str, rows: Sequence[Scored], which: Which) -> BreakdownRow:
    known, counted = to_forecasts(rows, which), count_outcomes(rows)
    coverage = counted.coverage
    return BreakdownRow(
        dimension=dimension,
        value=value,
        counts=counted,
        average_confidence=mean_probability(known, coverage=coverage),
        observed_accuracy=rate(known, coverage=coverage),
        brier=brier_by_events(known, coverage),
        auc=auc(known, coverage=coverage),
    )


def report_phrases(
    profile: Profile,
    rows: Sequence[Scored],
    request: ReportRequest,
    about: Window,
    *,
    everyones: Sequence[Scored],
    current: CalibrationVersion | None,
    versions: Sequence[CalibrationVersion],
    notes: Sequence[TuningNote],
) -> PhraseStatus:
    """Returns the state; `rows` are the caller's own, base rates rest on `everyones`; `versions` and
    `notes` are newest first.
    """
    calibrated = calibration_report(
        to_forecasts(rows, request.which),
        coverage=about.counts.coverage,
        bands=request.bands,
        edges=request.edges,
    )
    rates = [
        describe_rate(key, rate, profile.phrases)
        for key, rate in base_rates(everyones, current).items()
    ]
    return PhraseStatus(
        profile=profile.profile_id,
        mode=_mode(current),
        version=current,
        phrases=_phrases(profile, current),
        previous=tuple(each for each in versions if each != current),
        notes=tuple(notes),
        last_tuned=current.created_at if current else None,
        recent_calibration_score=calibrated.errors.ece,
        calibration=calibrated,
        window=about,
        base_rates=tuple(rates),
        warnings=join_warnings(
            map(_about, rates),
            calibrated.warnings,
            calibrated.errors.warnings,
        ),
    )


def _about(rate: GroupBaseRate) -> str:
    low, high = rate.interval
    return (
        f"{rate.model}, {rate.prompt_version}: stated confidence does not separate right from wrong, "
        f"so advice shows the base rate: {rate.phrase}, {rate.right} of {rate.n} right (95% interval "
        f"{low:.0%} to {high:.0%})."
    )


def _mode(current: CalibrationVersion | None) -> TuningMode:
    if current is None:
        return TuningMode.UNTUNED
    return TuningMode.AUTOMATIC if current.kind is VersionKind.TUNED else TuningMode.MANUAL


def _phrases(profile: Profile, current: CalibrationVersion | None) -> tuple[PhraseMap, ...]:
    """Returns the phrases of each map; then as stated, unless one map is for all models that may be
    pooled.
    """
    maps = [phrase_map(profile.phrases, each) for each in (current.maps if current else ())]
    if not any(each.model is None and each.prompt_version is None for each in maps):
        maps.append(phrase_map(profile.phrases, None))
    return tuple(maps)
