"""A report says what it is about, counts everything once, and is never an error for want of data."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.calibrations import InMemoryCalibrations
from tests.fakes.clock import FixedClock
from tests.fakes.profiles import InMemoryProfiles
from tests.fakes.responses import InMemoryResponses
from tests.use_cases.advice.tuning.outcomes import (
    NOW,
    PROFILE,
    RIGHT,
    WRONG,
    fitted,
    overconfident,
    put,
    response,
    scored,
    version,
)
from use_cases.advice.confidence.report_model import (
    BreakdownBy,
    RecentRequest,
    ReportRequest,
    TuningMode,
    Which,
)
from use_cases.advice.confidence.reports import (
    REDACTED,
    ReportConfidence,
    brier_by_events,
    to_forecasts,
)
from use_cases.advice.errors import ProfileUnknown, ResponseNotFound
from use_cases.advice.model import (
    OutcomeState,
    Scored,
    VersionKind,
)
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.model import LOCAL, Caller
from use_cases.kernel.statistics.figures import StatisticsOptionInvalid
from use_cases.kernel.statistics.forecast_scores import brier_interval

pytestmark = pytest.mark.anyio

VOID, PENDING = OutcomeState.VOID, OutcomeState.PENDING
YESTERDAY = NOW - timedelta(days=1)


class Record(InMemoryResponses):
    """The fake, filled."""

    def __init__(self, rows: Sequence[Scored] = (), *, user: str = "anna") -> None:
        super().__init__()
        for row in rows:
            self.recorded[row.response_id] = response(row, user=user)


def reporting(
    rows: Sequence[Scored] = (),
    calibrations: InMemoryCalibrations | None = None,
    record: Record | None = None,
) -> ReportConfidence:
    return ReportConfidence(
        responses=record or Record(rows),
        calibrations=calibrations or InMemoryCalibrations(),
        profiles=InMemoryProfiles(PROFILE),
        clock=FixedClock(NOW),
    )


def recent(*told: tuple[int, OutcomeState]) -> list[Scored]:
    """Rows of yesterday."""
    return [
        scored(f"r{i}", stated, outcome, created_at=YESTERDAY + timedelta(minutes=i))
        for i, (stated, outcome) in enumerate(told)
    ]


MIXED = recent(
    (8_000, RIGHT), (8_000, WRONG), (6_000, RIGHT), (9_000, VOID), (7_000, PENDING), (7_000, RIGHT)
)


async def test_stats_count_everything_and_score_what_is_resolved() -> None:
    stats = await reporting(MIXED).stats(LOCAL)
    counts = stats.window.counts
    assert (counts.total, counts.resolved, counts.right, counts.wrong) == (6, 4, 3, 1)
    assert (counts.void, counts.pending, counts.events) == (1, 1, 4)
    assert counts.coverage == 0.8
    assert stats.average_confidence == pytest.approx(0.75)
    # The mean of 0.04, 0.64, 0.16 and 0.09.
    assert stats.scores.brier.value == pytest.approx(0.2325)
    assert stats.scores.n == 4
    assert [band.n for band in stats.bands] == [0, 0, 0, 0, 0, 0, 1, 1, 2, 0]
    assert "Only 4 outcomes: too few for a reliable figure." in stats.warnings
    assert stats.window.days_back == 7
    assert stats.window.since == NOW - timedelta(days=7)


async def test_scores_carry_the_coverage() -> None:
    reports = reporting(MIXED)
    stats, brier = await reports.stats(LOCAL), await reports.brier(LOCAL)
    calibration = await reports.calibration(LOCAL)
    assert stats.scores.coverage == brier.scores.coverage == calibration.scores.coverage == 0.8
    assert calibration.calibration.errors.coverage == calibration.drift.windows.coverage == 0.8


async def test_without_rows_all_is_unknown_and_said_so() -> None:
    reports = reporting()
    stats, brier = await reports.stats(LOCAL), await reports.brier(LOCAL)
    calibration, status = await reports.calibration(LOCAL), await reports.phrase_status(LOCAL)
    assert (stats.average_confidence, stats.last_updated) == (None, None)
    assert stats.window.counts.coverage is None
    assert stats.scores.brier.value is brier.scores.skill.value is None
    assert calibration.calibration.errors.ece is status.recent_calibration_score is None
    assert len(stats.bands) == len(calibration.calibration.bands) == 10
    for report in (stats, brier, calibration, status):
        assert "There is no outcome yet." in report.warnings
    page = await reports.recent(LOCAL)
    assert (page.total_count, page.returned, page.timestamp) == (0, 0, None)


async def test_what_was_shown_is_judged_unless_the_stated_is_asked_for() -> None:
    rows = [replace(row, calibrated=6_000) for row in MIXED]
    reports = reporting(rows)
    shown = await reports.stats(LOCAL)
    stated = await reports.stats(LOCAL, ReportRequest(which=Which.STATED))
    assert shown.scores.mean_probability.value == pytest.approx(0.6)
    assert stated.scores.mean_probability.value == pytest.approx(0.725)


async def test_helpfulness_changes_nothing() -> None:
    record = Record(MIXED)
    plain = reporting(MIXED)
    for name, each in record.recorded.items():
        record.recorded[name] = replace(each, helpful=False)
    helped = reporting(record=record)
    assert await plain.stats(LOCAL) == await helped.stats(LOCAL)


async def test_the_breakdown_adds_up_to_the_whole() -> None:
    rows = [
        replace(row, model=f"m{i % 2}", prompt_version=f"p{i % 3}", web_search_used=i % 2 == 0)
        for i, row in enumerate(MIXED)
    ]
    stats = await reporting(rows).stats(LOCAL)
    for dimension in BreakdownBy:
        parts = [part for part in stats.breakdown if part.dimension is dimension]
        assert sum(part.counts.total for part in parts) == 6
        assert sum(part.counts.right for part in parts) == 3
    web = [p for p in stats.breakdown if p.dimension is BreakdownBy.WEB_SEARCH_USED]
    assert [(part.value, part.counts.total) for part in web] == [("false", 3), ("true", 3)]


async def test_windows_are_the_seeds_unless_said_otherwise() -> None:
    rows = [
        scored(f"d{days}", 8_000, created_at=NOW - timedelta(days=days))
        for days in (0, 7, 8, 30, 31)
    ]
    reports = reporting(rows)
    assert (await reports.stats(LOCAL)).window.counts.total == 2
    assert (await reports.brier(LOCAL)).window.counts.total == 2
    assert (await reports.calibration(LOCAL)).window.counts.total == 4
    assert (await reports.stats(LOCAL, ReportRequest(days_back=31))).window.counts.total == 5


async def test_bands_and_edges_are_options() -> None:
    rows = recent((3_000, RIGHT), (3_000, WRONG))
    reports = reporting(rows)
    left = await reports.calibration(LOCAL, ReportRequest(bands=20))
    right = await reports.calibration(LOCAL, ReportRequest(edges="right"))
    assert [v.band.label for v in left.calibration.bands if v.band.n] == ["[0.3, 0.35)"]
    assert [v.band.label for v in right.calibration.bands if v.band.n] == ["(0.2, 0.3]"]
    with pytest.raises(StatisticsOptionInvalid):
        await reports.stats(LOCAL, ReportRequest(bands=4))


async def test_calibration_compares_the_earlier_half_with_the_later() -> None:
    windows = (await reporting(overconfident(120)).calibration(LOCAL)).drift.windows
    assert (windows.n_earlier, windows.n_later) == (60, 60)


async def test_repeated_forecasts_of_one_event_are_said_and_widen_the_interval() -> None:
    rows = [replace(row, created_at=YESTERDAY) for row in overconfident(60)]
    alone = await reporting(rows).brier(LOCAL)
    few = [replace(row, event_key=f"e{i % 4}") for i, row in enumerate(rows)]
    together = await reporting(few).brier(LOCAL)
    assert together.window.counts.events == 4
    assert any("Only 4 events" in text for text in together.warnings)
    assert not any("events" in text for text in alone.warnings)


async def test_recent_pages_tell_the_true_total() -> None:
    reports = reporting(MIXED)
    first = await reports.recent(LOCAL, RecentRequest(limit=4))
    assert [each.response_id for each in first.responses] == ["r5", "r4", "r3", "r2"]
    assert (first.total_count, first.returned, first.next_before) == (6, 4, "r2")
    last = await reports.recent(LOCAL, RecentRequest(limit=4, before=first.next_before))
    assert [each.response_id for each in last.responses] == ["r1", "r0"]
    assert (last.total_count, last.next_before) == (6, None)
    assert last.timestamp == MIXED[1].created_at


async def test_recent_can_be_only_the_pending_ones() -> None:
    page = await reporting(MIXED).recent(LOCAL, RecentRequest(outcome=PENDING))
    assert [each.response_id for each in page.responses] == ["r4"]
    assert page.total_count == 1


async def test_redacted_responses_hold_no_text() -> None:
    page = await reporting(MIXED).recent(LOCAL, RecentRequest(limit=1, redact=True))
    (shown,) = page.responses
    assert page.redacted
    assert (shown.question, shown.advice.main_advice, shown.advice.reasoning) == (REDACTED,) * 3
    assert shown.advice.confidence is not None
    assert "coffee" not in repr(shown)


async def test_nobody_sees_anothers_record() -> None:
    reports = reporting(MIXED)
    assert (await reports.stats(Caller("boris"))).window.counts.total == 0
    assert (await reports.recent(Caller("boris"))).total_count == 0
    with pytest.raises(ResponseNotFound):
        await reports.recent(Caller("boris"), RecentRequest(before="r1"))


@pytest.mark.parametrize("limit", [0, 201])
async def test_pages_have_bounds(limit: int) -> None:
    with pytest.raises(InvalidInput, match=f"not {limit}"):
        await reporting().recent(LOCAL, RecentRequest(limit=limit))


async def test_unknown_profiles_and_impossible_windows_are_errors() -> None:
    reports = reporting()
    with pytest.raises(ProfileUnknown):
        await reports.stats(LOCAL, ReportRequest(profile="astrology"))
    with pytest.raises(InvalidInput, match="not 0"):
        await reports.calibration(LOCAL, ReportRequest(days_back=0))
    with pytest.raises(InvalidInput, match="not 0"):
        await reports.recent(LOCAL, RecentRequest(days_back=0))


async def test_advice_of_a_profile_that_is_gone_stays_readable() -> None:
    reports = reporting([replace(row, profile="gone") for row in MIXED])
    gone = ReportRequest(profile="gone")
    assert (await reports.stats(Caller("anna"), gone)).window.counts.total == len(MIXED)
    assert (await reports.recent(Caller("anna"), RecentRequest(profile="gone"))).total_count > 0
    with pytest.raises(ProfileUnknown):
        await reports.stats(Caller("boris"), gone)


async def test_untuned_phrases_are_the_scale_itself() -> None:
    status = await reporting(MIXED).phrase_status(LOCAL)
    assert (status.mode, status.version, status.last_tuned) == (TuningMode.UNTUNED, None, None)
    (only,) = status.phrases
    assert all(p.min_stated == p.min_score for p in only.phrases)
    assert status.recent_calibration_score is not None


async def test_a_map_for_everything_leaves_nothing_as_stated() -> None:
    calibrations = InMemoryCalibrations()
    await put(calibrations, version(fitted(-0.7, 1.0)))
    status = await reporting(MIXED, calibrations).phrase_status(LOCAL, "general")
    assert status.mode is TuningMode.AUTOMATIC
    assert [(each.model, each.prompt_version) for each in status.phrases] == [(None, None)]


def without_order(*said: int) -> list[Scored]:
    """120 rows of these values in turn, of which two of three of each are right."""
    kinds = [(each, outcome) for each in said for outcome in (RIGHT, RIGHT, WRONG)]
    return recent(*(kinds[i % len(kinds)] for i in range(120)))


@pytest.mark.parametrize("said", [(9_000,), (9_000, 8_500)])
async def test_the_status_has_the_base_rate_that_advice_shows(said: tuple[int, ...]) -> None:
    status = await reporting(without_order(*said)).phrase_status(LOCAL)
    (rate,) = status.base_rates
    assert (rate.right, rate.n, rate.model, rate.prompt_version) == (80, 120, "m", "p1")
    assert status.warnings[0] == (
        "m, p1: stated confidence does not separate right from wrong, so advice shows the base rate: "
        "Likely, 80 of 120 right (95% interval 58% to 74%)."
    )


async def test_the_status_has_everyones_base_rates_and_reports_ones_own() -> None:
    status = await reporting(without_order(9_000)).phrase_status(Caller("boris"))
    assert (len(status.base_rates), status.window.counts.total) == (1, 0)


async def test_what_a_map_in_force_has_corrected_already_is_not_told_again() -> None:
    calibrations = InMemoryCalibrations()
    # Odds of 9 become odds of 2.
    await put(calibrations, version(fitted(-1.5041, 1.0, "m", "p1")))
    status = await reporting(without_order(9_000), calibrations).phrase_status(LOCAL)
    assert status.base_rates == ()


async def test_a_report_can_be_about_one_profile() -> None:
    rows = [*MIXED, replace(MIXED[0], response_id="other", profile="other")]
    stats = await reporting(rows).stats(LOCAL, ReportRequest(profile="general"))
    assert stats.window.counts.total == 6


async def test_tuned_phrases_tell_who_when_why_and_what_was_before() -> None:
    calibrations = InMemoryCalibrations()
    first = version(fitted(-0.7, 1.0, "m"), name="cal_1")
    second = replace(
        version(fitted(-0.5, 1.0, "m"), name="cal_2", parent="cal_1"),
        kind=VersionKind.ROLLED_BACK,
    )
    await put(calibrations, first, second)
    status = await reporting(MIXED, calibrations).phrase_status(LOCAL)
    assert (status.mode, status.version) == (TuningMode.MANUAL, second)
    assert status.previous == (first,)
    assert [note.to_version for note in status.notes] == ["cal_2", "cal_1"]
    tuned, untouched = status.phrases
    assert (tuned.model, untouched.model) == ("m", None)
    assert [p.min_stated for p in tuned.phrases][3] == 0.8683
    assert [p.min_stated for p in untouched.phrases][3] == 0.8


def test_a_parts_interval_is_the_bootstraps_at_a_thousandth_of_its_cost() -> None:
    known = to_forecasts(
        [replace(row, event_key=f"e{i // 3}") for i, row in enumerate(overconfident(600))],
        Which.STATED,
    )
    near, drawn = brier_by_events(known, None), brier_interval(known)
    assert near.value == drawn.value
    assert near.interval == pytest.approx(drawn.interval, abs=0.002)
    assert brier_by_events(known[:57], None).interval is None
    assert brier_by_events([], None).value is None
