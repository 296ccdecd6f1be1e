"""The search decision with what a profile and the tables know of the question."""

from dataclasses import replace
from datetime import UTC

import pytest

from tests.fakes.clock import FixedClock
from tests.fakes.profiles import InMemoryProfiles
from tests.fakes.search import FixedTables
from tests.use_cases.advice.advising import GENERAL, NOW
from use_cases.advice.deciding import DecideSearch, SearchQuestion, decided
from use_cases.advice.discipline.decide import SearchPolicy
from use_cases.advice.discipline.model import SearchDecision
from use_cases.advice.entities import Entities
from use_cases.advice.errors import SearchOverrideConflict
from use_cases.advice.options import NamedEntity
from use_cases.advice.profile import Profile

pytestmark = pytest.mark.anyio


def deciding(profile: Profile = GENERAL, policy: SearchPolicy | None = None) -> DecideSearch:
    return DecideSearch(
        profiles=InMemoryProfiles(profile),
        entities=Entities(FixedTables()),
        clock=FixedClock(NOW),
        zone=UTC,
        policy=policy or SearchPolicy(),
    )


async def test_the_profiles_words_ask_for_a_search() -> None:
    profile = replace(GENERAL, fresh_words=("waiver",))
    question = SearchQuestion("Is he on the waiver wire?")
    found = await deciding(profile).run(question)
    assert found.final_decision is SearchDecision.MANDATORY
    assert found.analysis.time_sensitive_keywords == ("waiver",)


async def test_a_date_in_front_is_not_part_of_the_question() -> None:
    found = await deciding().run(SearchQuestion("Current Date: 2026-11-21\n\n/nosrch A or B?"))
    assert found.query == "A or B?"
    assert found.final_decision is SearchDecision.USER_OVERRIDE_NO


async def test_to_switch_the_search_off_is_to_forbid_it() -> None:
    off = SearchQuestion("Who is the current coach?", enable_web_search=False)
    assert (await deciding().run(off)).final_decision is SearchDecision.USER_OVERRIDE_NO
    on = SearchQuestion("2+2?", enable_web_search=True)
    assert (await deciding().run(on)).final_decision is SearchDecision.DEFAULT_NO


async def test_to_switch_it_off_and_to_ask_for_it_is_a_contradiction() -> None:
    with pytest.raises(SearchOverrideConflict):
        await deciding().run(SearchQuestion("/search A or B?", enable_web_search=False))


async def test_nor_does_a_field_beat_the_switch() -> None:
    for field in ("/search", " /SEARCH "):
        question = SearchQuestion("A or B?", search_override=field, enable_web_search=False)
        with pytest.raises(SearchOverrideConflict):
            await deciding().run(question)


@pytest.mark.parametrize("field", ["", "  ", "/nosrch"])
async def test_a_blank_field_does_not_switch_it_on_again(field: str) -> None:
    question = SearchQuestion(
        "Who is the current coach?", search_override=field, enable_web_search=False
    )
    found = await deciding().run(question)
    assert found.final_decision is SearchDecision.USER_OVERRIDE_NO


async def test_the_server_may_forbid_it() -> None:
    policy = SearchPolicy(server_allows=False)
    found = await deciding(policy=policy).run(SearchQuestion("/search A or B?"))
    assert found.final_decision is SearchDecision.DISALLOWED


def test_somebody_of_whom_news_is_expected_asks_for_a_search() -> None:
    named = [NamedEntity("Allen", "Allen", active="listed as questionable"), NamedEntity("Bo", "B")]
    found = decided(
        "Allen or B?",
        GENERAL,
        named,
        today=NOW.date(),
        policy=SearchPolicy(),
        wish=SearchQuestion("x"),
    )
    assert found.final_decision is SearchDecision.MANDATORY
    assert found.analysis.active_entity_reasons == ("Allen: listed as questionable",)
