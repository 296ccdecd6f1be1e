"""Outcomes that the tables tell."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.fakes.clock import FixedClock
from tests.fakes.league import LEAGUE
from tests.fakes.profiles import InMemoryProfiles
from tests.fakes.responses import InMemoryResponses
from tests.fakes.structured_data import MemoryTables
from tests.use_cases.advice.recorded_advice import NOW, Desk, advice
from use_cases.advice.errors import ProfileBroken, ProfileUnknown
from use_cases.advice.model import Feedback, JudgedBy, OutcomeState
from use_cases.advice.outcomes.deciders import verdict
from use_cases.advice.outcomes.feedback import Resolved, Unresolved
from use_cases.advice.profile import OutcomeRule
from use_cases.kernel.model import Caller

pytestmark = pytest.mark.anyio


@pytest.fixture
def desk(tables: MemoryTables) -> Desk:
    return Desk(tables)


@pytest.mark.parametrize(
    ("chosen", "others", "state", "where_the_lowest_wins"),
    [
        (5.0, [3.0], OutcomeState.RIGHT, OutcomeState.WRONG),
        (5.0, [3.0, 6.0], OutcomeState.WRONG, OutcomeState.WRONG),
        (5.0, [6.0, 7.0], OutcomeState.WRONG, OutcomeState.RIGHT),
        (5.0, [5.0, 6.0], OutcomeState.WRONG, OutcomeState.VOID),
        (5.0, [5.0], OutcomeState.VOID, OutcomeState.VOID),
        (None, [5.0], OutcomeState.VOID, OutcomeState.VOID),
        (5.0, [3.0, None], OutcomeState.VOID, OutcomeState.VOID),
        (0.0, [-1.0], OutcomeState.RIGHT, OutcomeState.WRONG),
        (5.0, [], OutcomeState.VOID, OutcomeState.VOID),
    ],
)
def test_who_was_right(
    chosen: float | None,
    others: list[float | None],
    state: OutcomeState,
    where_the_lowest_wins: OutcomeState,
) -> None:
    assert verdict(chosen, others) is state
    assert verdict(chosen, others, lower_wins=True) is where_the_lowest_wins


async def test_each_response_is_judged_by_what_was_reached(desk: Desk) -> None:
    found = await desk.resolve(
        advice("adv_1", period=1),
        advice("adv_2", period=2),
        advice("adv_3", period=3),
        advice("adv_4", period=4),
    )

    assert found == Resolved(right=1, wrong=1, void=1, pending=1)
    assert desk.outcome("adv_1") is OutcomeState.RIGHT
    assert desk.outcome("adv_2") is OutcomeState.WRONG
    assert desk.outcome("adv_3") is OutcomeState.VOID
    assert desk.outcome("adv_4") is OutcomeState.PENDING
    told = next(row for row in desk.responses.told if row.response_id == "adv_2")
    assert (told.judge, told.notes) == (JudgedBy.PROFILE, "Aidan Ahn 2, Bruno Bell 3")
    assert (told.key, told.helpful) == ("profile:adv_2", None)


async def test_again_changes_nothing(desk: Desk) -> None:
    await desk.resolve(advice())
    rows = list(desk.responses.told)

    assert await desk.resolve() == Resolved()
    assert desk.responses.told == rows


async def test_who_did_not_take_part_makes_it_void(desk: Desk) -> None:
    desk.clock = FixedClock(datetime(2026, 4, 1, tzinfo=UTC))
    found = await desk.resolve(
        advice("adv_1", period=4, others=["Cléo Cole-Dár"]),
        advice("adv_2", period=4, choice="Dora Bell"),
    )

    assert found == Resolved(void=2)
    assert desk.responses.told[0].notes in (
        "Aidan Ahn 1, Cléo Cole-Dár did not take part",
        "Dora Bell did not take part, Bruno Bell 4",
    )


async def test_names_may_be_said_in_other_words_and_no_options_are_passed_over(
    desk: Desk,
) -> None:
    found = await desk.resolve(
        advice(choice="ahn", others=["Wait for the news", "The Wall", "bruno bell"], period=1)
    )

    assert found == Resolved(right=1)
    assert desk.responses.told[0].notes == "Aidan Ahn 4, Bruno Bell 1"


async def test_what_cannot_be_told_is_said_with_its_reason(desk: Desk) -> None:
    found = await desk.resolve(
        advice("adv_1", period=None),
        advice("adv_2", choice="Stay at home"),
        advice("adv_3", others=["Stay at home"]),
        advice("adv_4", profile="gone"),
        advice("adv_5", period=None),
        advice("adv_6", period=1),
    )

    assert found.right == 1
    assert set(found.failed) == {
        Unresolved(
            "league",
            "It is not recorded which period the advice was for.",
            ("adv_5", "adv_1"),
        ),
        Unresolved("league", "The tables do not know the choice 'Stay at home'.", ("adv_2",)),
        Unresolved("league", "The advice names no alternative that the tables know.", ("adv_3",)),
        Unresolved("gone", "There is no profile 'gone'.", ("adv_4",)),
    }


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (
            OutcomeRule("SELECT 1 FROM nowhere", "SELECT 1"),
            "The profile's outcome.over_sql failed: no such table: nowhere.",
        ),
        (
            OutcomeRule("SELECT 1", "SELECT x FROM form"),
            "The profile's outcome.value_sql failed: no such column: x.",
        ),
        (
            OutcomeRule("SELECT 1", "SELECT 'a lot'"),
            "The profile's outcome.value_sql gives 'a lot', which is no number.",
        ),
    ],
)
async def test_a_broken_profile_costs_nobody_elses_outcome(
    desk: Desk, rule: OutcomeRule, reason: str
) -> None:
    broken = replace(LEAGUE, profile_id="broken", outcome=rule)
    desk.profiles = InMemoryProfiles(LEAGUE, broken)
    found = await desk.resolve(
        advice("adv_1", period=1), advice("adv_2", profile="broken"), advice("adv_3", period=1)
    )

    assert found == Resolved(right=2, failed=(Unresolved("broken", reason, ("adv_2",)),))


async def test_another_season_of_the_same_number_is_not_this_one(desk: Desk) -> None:
    found = await desk.resolve(advice(period=1, ends=date(2025, 3, 2)))

    assert found.failed[0].reason == (
        "The tables hold a round 1 that ends 2026-03-01; the advice was for one that ends 2025-03-02."
    )


async def test_an_event_that_ends_later_is_pending(desk: Desk) -> None:
    assert await desk.resolve(advice(period=1, ends=date(2026, 3, 19))) == Resolved(pending=1)


async def test_advice_without_a_choice_or_confidence_or_a_rule_is_left_alone(desk: Desk) -> None:
    found = await desk.resolve(
        advice("adv_1", choice=None),
        advice("adv_2", sure=False),
        advice("adv_3", profile="plain"),
        advice("adv_4", user="ben", period=1),
    )

    assert found == Resolved()
    assert desk.responses.told == []


async def test_only_one_profile_where_one_is_named(desk: Desk) -> None:
    other = replace(LEAGUE, profile_id="other")
    desk.profiles = InMemoryProfiles(LEAGUE, other, broken={"bad": "bad.yaml: no"})
    found = await desk.resolve(
        advice("adv_1", period=1), advice("adv_2", period=1, profile="other"), profile="other"
    )

    assert found == Resolved(right=1)
    assert desk.outcome("adv_1") is OutcomeState.PENDING
    with pytest.raises(ProfileUnknown):
        await desk.resolve(profile="nowhere")
    with pytest.raises(ProfileBroken):
        await desk.resolve(profile="bad")


async def test_a_persons_word_is_never_overruled(desk: Desk) -> None:
    class Late(InMemoryResponses):
        """A person tells the outcome while the tables are asked."""

        async def feedback(self, caller: Caller, response_id: str) -> list[Feedback]:
            told = Feedback(
                feedback_id="fb_p",
                response_id=response_id,
                outcome=OutcomeState.WRONG,
                created_at=NOW,
            )
            return [told]

    desk.responses = Late()
    found = await desk.resolve(advice(period=1))

    assert found.failed[0].reason == "A person has told the outcome meanwhile."
    assert desk.responses.told == []


async def test_more_than_a_page_of_responses_are_all_judged(desk: Desk) -> None:
    found = await desk.resolve(*(advice(f"adv_{n:03}", period=1) for n in range(205)))

    assert found == Resolved(right=205)
