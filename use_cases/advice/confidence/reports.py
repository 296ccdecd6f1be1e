"""Reports on stated confidence: statistics, Brier score, calibration, the record, the phrases.

Promises: a report covers the caller's own responses of a stated window, and states how many of them
are judged; without any it contains None and a warning. Leaves to others: the figures
(`use_cases/kernel/statistics`), their assembly (`make_reports.py`), their presentation.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from use_cases.advice.confidence.make_reports import (
    make_window,
    report_brier,
    report_calibration,
    report_phrases,
    report_stats,
)
from use_cases.advice.confidence.report_model import (
    BrierReport,
    CalibrationReport,
    ConfidenceStats,
    PhraseStatus,
    RecentRequest,
    RecentResponses,
    ReportRequest,
    Window,
)
from use_cases.advice.model import Advice, Response, ResponseFilter, Scored
from use_cases.advice.ports import Calibrations, Profiles, Responses
from use_cases.advice.tuning.base_rates import evidence_filter
from use_cases.advice.tuning.tune import check_window
from use_cases.kernel.model import Caller
from use_cases.kernel.model_names import full_name
from use_cases.kernel.page import require_limit
from use_cases.kernel.ports import Clock
from use_cases.kernel.statistics.bands import group_by_band

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
        wanted = self._filter(request, request.days_back, self._clock.now())
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
        wanted = self._filter(request, days_back, now)
        group_by_band((), bands=request.bands, edges=request.edges)
        rows = await self._responses.scored(caller, wanted)
        recorded = (await self._responses.responses(caller, wanted, limit=1)).total
        return rows, make_window(rows, request, days_back, now, recorded=recorded)

    def _filter(
        self, request: ReportRequest | RecentRequest, days_back: int | None, now: datetime
    ) -> ResponseFilter:
        """Returns the filter of a request's responses; `days_back` None: of all time."""
        if days_back is not None:
            check_window(days_back)
        return ResponseFilter(
            since=None if days_back is None else now - timedelta(days=days_back),
            profile=self._profile(request.profile),
            model=full_name(request.model) if request.model else None,
            prompt_version=request.prompt_version,
        )

    def _profile(self, profile: str | None) -> str | None:
        """Returns a profile's id if it exists; responses of a profile that is broken now stay readable."""
        if profile is None or profile in self._profiles.names():
            return profile
        return self._profiles.profile(profile).profile_id


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
