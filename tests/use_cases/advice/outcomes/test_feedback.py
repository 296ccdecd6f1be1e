"""What a person says came of advice."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.fakes.clock import FixedClock
from tests.fakes.league import LEAGUE
from tests.fakes.profiles import InMemoryProfiles
from tests.fakes.structured_data import MemoryTables
from tests.use_cases.advice.recorded_advice import Desk, advice
from use_cases.advice.errors import (
    FeedbackInvalid,
    FeedbackKeyReused,
    NothingToScore,
    OutcomeTooEarly,
    ResponseNotFound,
)
from use_cases.advice.model import JudgedBy, OutcomeState
from use_cases.advice.profile import OutcomeRule
from use_cases.kernel.model import Caller

pytestmark = pytest.mark.anyio

RIGHT, WRONG, VOID = OutcomeState.RIGHT, OutcomeState.WRONG, OutcomeState.VOID


@pytest.fixture
async def desk(tables: MemoryTables) -> Desk:
    desk = Desk(tables)
    await desk.keep(advice(period=2))
    return desk


async def test_an_outcome_is_kept_with_notes_and_helpfulness(desk: Desk) -> None:
    kept = await desk.tell(RIGHT, helpful=False, notes=" by far ")

    response = desk.responses.recorded["adv_1"]
    assert (kept.repeated, kept.superseded) == (False, None)
    assert kept.feedback.judge is JudgedBy.PERSON
    assert (response.outcome, response.helpful) == (RIGHT, False)
    assert response.feedback_notes == "by far"


async def test_the_same_again_is_one(desk: Desk) -> None:
    await desk.tell(RIGHT)
    again = await desk.tell(RIGHT)

    assert again.repeated
    assert len(desk.responses.told) == 1


async def test_another_word_supersedes_and_the_history_stays(desk: Desk) -> None:
    first = await desk.tell(RIGHT)
    second = await desk.tell(WRONG)

    assert second.superseded is not None
    assert second.superseded.feedback_id == first.feedback.feedback_id
    assert [row.outcome for row in desk.responses.told] == [RIGHT, WRONG]
    assert desk.outcome() is WRONG


async def test_a_key_makes_a_late_repetition_harmless(desk: Desk) -> None:
    await desk.tell(RIGHT, key="a")
    await desk.tell(WRONG, key="b")
    late = await desk.tell(RIGHT, key="a")

    assert late.repeated
    assert desk.outcome() is WRONG
    with pytest.raises(FeedbackKeyReused):
        await desk.tell(VOID, key="a")


async def test_a_person_overrules_the_tables_and_never_the_other_way(desk: Desk) -> None:
    assert (await desk.resolve()).wrong == 1
    kept = await desk.tell(RIGHT)

    assert kept.superseded is not None
    assert kept.superseded.judge is JudgedBy.PROFILE
    await desk.resolve()
    assert desk.outcome() is RIGHT


async def test_unknown_and_other_peoples_advice_is_not_found(desk: Desk) -> None:
    with pytest.raises(ResponseNotFound):
        await desk.tell(RIGHT, response_id="adv_9")
    with pytest.raises(ResponseNotFound):
        await desk.tell(RIGHT, caller=Caller("ben"))


async def test_before_the_event_is_over_only_void_or_helpful_can_be_told(desk: Desk) -> None:
    await desk.keep(advice("adv_2", period=4, ends=date(2026, 3, 22)))

    with pytest.raises(OutcomeTooEarly, match="ends on 2026-03-22"):
        await desk.tell(RIGHT, response_id="adv_2")
    await desk.tell(helpful=True, response_id="adv_2")
    await desk.tell(VOID, response_id="adv_2")
    assert desk.outcome("adv_2") is VOID


async def test_on_its_last_day_an_event_may_be_over(desk: Desk) -> None:
    await desk.keep(advice("adv_2", period=None, ends=date(2026, 3, 18)))

    assert not (await desk.tell(RIGHT, response_id="adv_2")).repeated


async def test_the_day_is_that_of_the_time_zone(desk: Desk) -> None:
    desk.clock = FixedClock(datetime(2026, 3, 19, 3, tzinfo=UTC))
    await desk.keep(advice("adv_2", period=None, ends=date(2026, 3, 19)))

    desk.zone = ZoneInfo("America/New_York")
    with pytest.raises(OutcomeTooEarly):
        await desk.tell(RIGHT, response_id="adv_2")
    desk.zone = UTC
    await desk.tell(RIGHT, response_id="adv_2")


async def test_the_profile_tells_the_end_where_the_record_does_not(desk: Desk) -> None:
    await desk.keep(advice("adv_2", period=4))

    with pytest.raises(OutcomeTooEarly, match="ends on 2026-03-22"):
        await desk.tell(WRONG, response_id="adv_2")


async def test_what_the_tables_know_as_decided_is_not_too_early(desk: Desk) -> None:
    over = replace(LEAGUE, outcome=OutcomeRule("SELECT 1", "SELECT 1"))
    desk.profiles = InMemoryProfiles(over)
    await desk.keep(advice("adv_2", period=4, ends=date(2026, 3, 22)))

    assert not (await desk.tell(WRONG, response_id="adv_2")).repeated


async def test_a_last_day_that_the_question_named_is_not_overruled_by_the_tables(
    desk: Desk,
) -> None:
    """Round 2 is decided in the tables; the question was about what ends later."""
    await desk.keep(advice("adv_2", period=2, ends=date(2027, 1, 1)))

    with pytest.raises(OutcomeTooEarly, match="ends on 2027-01-01"):
        await desk.tell(RIGHT, response_id="adv_2")
    assert (await desk.resolve()).pending == 1
    assert desk.outcome("adv_2") is OutcomeState.PENDING


async def test_without_a_usable_profile_the_date_decides(desk: Desk) -> None:
    desk.profiles = InMemoryProfiles(
        replace(LEAGUE, outcome=OutcomeRule("SELECT 1 FROM nowhere", "SELECT 1"))
    )
    await desk.keep(advice("adv_2", period=4))
    await desk.keep(advice("adv_3", profile="gone", ends=date(2026, 3, 22)))
    await desk.keep(advice("adv_4", profile="gone"))

    with pytest.raises(OutcomeTooEarly):
        await desk.tell(WRONG, response_id="adv_2")
    with pytest.raises(OutcomeTooEarly):
        await desk.tell(WRONG, response_id="adv_3")
    await desk.tell(WRONG, response_id="adv_4")


async def test_advice_without_confidence_can_only_be_helpful(desk: Desk) -> None:
    await desk.keep(advice("adv_2", sure=False))

    with pytest.raises(NothingToScore):
        await desk.tell(VOID, response_id="adv_2")
    assert (await desk.tell(helpful=True, response_id="adv_2")).feedback.outcome is None


async def test_feedback_must_tell_something_of_a_sensible_size(desk: Desk) -> None:
    for outcome, notes, key in (
        (RIGHT, None, "profile:resp_1"),
        (None, " ", None),
        (OutcomeState.PENDING, None, None),
        (OutcomeState.SUPERSEDED, None, None),
        (RIGHT, "x" * 4_001, None),
        (RIGHT, None, ""),
        (RIGHT, None, "k" * 201),
    ):
        with pytest.raises(FeedbackInvalid):
            await desk.tell(outcome, notes=notes, key=key)
