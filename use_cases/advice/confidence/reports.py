"""What is known of stated confidence: statistics, Brier score, calibration, the record, the phrases.

Promises: a report is about the caller's own responses of a stated window, and says how many of them
are judged; without any it holds None and a warning. Leaves to others: the figures
(`use_cases/advice/statistics`), how they are put together (`reporting`), how they are shown.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from use_cases.advice.confidence import make_reports
from use_cases.advice.confidence.phrases import phrase_status
from use_cases.advice.confidence.report_model import (
    BrierReport,
    CalibrationReport,
    ConfidenceStats,
    PhraseStatus,
    RecentResponses,
    RecentWish,
    ReportWish,
    Window,
)
from use_cases.advice.confidence.report_rows import wanted, window
from use_cases.advice.model import Advice, Response, ResponseFilter, Scored
from use_cases.advice.ports import Calibrations, Profiles, Responses
from use_cases.advice.tuning.base_rates import evidence_wanted
from use_cases.advice.tuning.tune import check_window
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.model import Caller
from use_cases.kernel.model_names import full_name
from use_cases.kernel.ports import Clock
from use_cases.kernel.statistics.bands import in_bands

STATS_DAYS = 7
BRIER_DAYS = 7
CALIBRATION_DAYS = 30
STATUS_DAYS = 30
"""The windows where a wish names none."""

LARGEST_PAGE = 200
PREVIOUS = 20
"""How many earlier versions and entries of the audit the status shows."""

REDACTED = "[redacted]"

_Report = TypeVar("_Report")
_Make = Callable[[Sequence[Scored], ReportWish, Window], _Report]


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

    async def stats(self, caller: Caller, wish: ReportWish | None = None) -> ConfidenceStats:
        """How often advice was right and how good the numbers were; 7 days unless said otherwise.

        Raises, as the two after it, `InvalidInput` for a window outside 1 to 3,650 days,
        `StatisticsOptionInvalid` for other than 5 to 20 bands, and `ProfileUnknown`.
        """
        return await self._report(caller, wish or ReportWish(), STATS_DAYS, make_reports.stats)

    async def brier(self, caller: Caller, wish: ReportWish | None = None) -> BrierReport:
        """The Brier score and why it is what it is; 7 days unless said otherwise."""
        return await self._report(caller, wish or ReportWish(), BRIER_DAYS, make_reports.brier)

    async def calibration(
        self, caller: Caller, wish: ReportWish | None = None
    ) -> CalibrationReport:
        """Whether confidence means what it says; 30 days unless said otherwise."""
        return await self._report(
            caller, wish or ReportWish(), CALIBRATION_DAYS, make_reports.calibration
        )

    async def recent(self, caller: Caller, wish: RecentWish | None = None) -> RecentResponses:
        """Recorded advice, newest first, page by page; of all time unless said otherwise.

        Raises `InvalidInput` for a limit outside 1 to `LARGEST_PAGE` or a window that is none,
        `ResponseNotFound` when `before` is none of the caller's, and `ProfileUnknown`.
        """
        wish = wish or RecentWish()
        if not 1 <= wish.limit <= LARGEST_PAGE:
            raise InvalidInput(f"The limit must be from 1 to {LARGEST_PAGE}, not {wish.limit}.")
        # One more than wanted tells whether there is a next page.
        page = await self._responses.responses(
            caller, self._recent_filter(wish), limit=wish.limit + 1, before=wish.before
        )
        shown = page.responses[: wish.limit]
        more = len(page.responses) > wish.limit
        return RecentResponses(
            responses=tuple(map(redacted, shown)) if wish.redact else tuple(shown),
            total_count=page.total,
            returned=len(shown),
            next_before=shown[-1].response_id if more else None,
            timestamp=shown[0].created_at if shown else None,
            redacted=wish.redact,
        )

    async def phrase_status(
        self, caller: Caller, profile: str | None = None, wish: ReportWish | None = None
    ) -> PhraseStatus:
        """Which phrases stand for what now, since when, by whom and why.

        `profile` None: the wish's, or the default one. Raises as `stats`, and `ProfileBroken`.
        """
        wish = wish or ReportWish()
        found = self._profiles.profile(profile or wish.profile)
        rows, about = await self._rows(caller, replace(wish, profile=found.profile_id), STATUS_DAYS)
        name = found.profile_id
        everyone = replace(caller, owns_all=True)
        wanted = evidence_wanted(name, about.until)
        return await asyncio.to_thread(
            phrase_status,
            found,
            rows,
            wish,
            about,
            everyones=await self._responses.scored(everyone, wanted),
            current=await self._calibrations.current(name),
            versions=await self._calibrations.versions(name, limit=PREVIOUS),
            notes=await self._calibrations.notes(name, limit=PREVIOUS),
        )

    async def _report(
        self, caller: Caller, wish: ReportWish, days: int, make: "_Make[_Report]"
    ) -> _Report:
        rows, about = await self._rows(caller, wish, days)
        # Some ten thousand rows take most of a second, in which others want to be served.
        return await asyncio.to_thread(make, rows, wish, about)

    async def _rows(
        self, caller: Caller, wish: ReportWish, days: int
    ) -> tuple[Sequence[Scored], Window]:
        days_back = days if wish.days_back is None else wish.days_back
        check_window(days_back)
        in_bands((), bands=wish.bands, edges=wish.edges)
        now = self._clock.now()
        meant = wanted(wish, self._profile(wish.profile), now - timedelta(days=days_back))
        rows = await self._responses.scored(caller, meant)
        recorded = (await self._responses.responses(caller, meant, limit=1)).total
        return rows, window(rows, wish, days_back, now, recorded=recorded)

    def _recent_filter(self, wish: RecentWish) -> ResponseFilter:
        since = None
        if wish.days_back is not None:
            check_window(wish.days_back)
            since = self._clock.now() - timedelta(days=wish.days_back)
        return ResponseFilter(
            since=since,
            profile=self._profile(wish.profile),
            model=full_name(wish.model) if wish.model else None,
            prompt_version=wish.prompt_version,
            outcome=wish.outcome,
        )

    def _profile(self, profile: str | None) -> str | None:
        """A profile's id if it is one; responses of a profile that is broken now can still be read."""
        if profile is None or profile in self._profiles.names():
            return profile
        return self._profiles.profile(profile).profile_id


def redacted(response: Response) -> Response:
    """A response without what anybody wrote: the question, the advice, the notes."""
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
