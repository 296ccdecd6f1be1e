"""The search decision with what a profile and the tables know of the question."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from tests.fakes.clock import FixedClock
from tests.fakes.league import LEAGUE, league_tables
from tests.fakes.profiles import InMemoryProfiles
from tests.fakes.search import FixedTables
from tests.use_cases.advice.advising import GENERAL, NOW
from use_cases.advice.errors import SearchOverrideConflict
from use_cases.advice.model import NamedEntity
from use_cases.advice.profile import EntityRule, PeriodRule, Profile
from use_cases.advice.profiles.entities import Entities
from use_cases.advice.search_rules.decide import SearchPolicy
from use_cases.advice.search_rules.verdict import SearchDecision
from use_cases.advice.web.search_decision import DecideSearch, SearchQuestion, decide_search
from use_cases.kernel.errors import StorageDamaged
from use_cases.kernel.model import Table
from use_cases.kernel.ports import StructuredData

pytestmark = pytest.mark.anyio

PERIOD = PeriodRule(word="round")
NAMES = EntityRule(sql="SELECT name FROM players")
# Round 3 ended on the day of the tables' last change, round 4 after it.
ENDS = "SELECT date('{}', CASE :period WHEN 3 THEN '+0 days' ELSE '+7 days' END)"


class BrokenTables(FixedTables):
    """Tables that cannot be read."""

    async def tables(self) -> Sequence[Table]:
        raise StorageDamaged("The index is damaged.")


def deciding(
    profile: Profile = GENERAL,
    policy: SearchPolicy | None = None,
    data: StructuredData | None = None,
    now: datetime = NOW,
) -> DecideSearch:
    return DecideSearch(
        profiles=InMemoryProfiles(profile),
        entities=Entities(data or FixedTables()),
        data=data or FixedTables(),
        clock=FixedClock(now),
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


@pytest.mark.parametrize(
    ("query", "field"), [("/search A or B?", None), ("A?", "/search"), ("A?", " /SEARCH ")]
)
async def test_to_switch_it_off_and_to_ask_for_it_is_a_contradiction(
    query: str, field: str | None
) -> None:
    question = SearchQuestion(query, search_override=field, enable_web_search=False)
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


async def test_somebody_of_whom_news_is_expected_asks_for_a_search() -> None:
    named = [NamedEntity("Allen", "Allen", active="listed as questionable"), NamedEntity("Bo", "B")]
    found = await decide_search(
        "Allen or B?",
        GENERAL,
        named,
        data=league_tables(),
        today=NOW.date(),
        policy=SearchPolicy(),
        wish=SearchQuestion("x"),
    )
    assert found.final_decision is SearchDecision.MANDATORY
    assert found.analysis.active_entity_reasons == ("Allen: listed as questionable",)


ASKED = "Should I field Cléo Cole-Dár or Bruno Bell{}?"


@pytest.mark.parametrize(
    ("days", "when", "decision"),
    [
        (30, "", SearchDecision.DEFAULT_NO),
        (31, "", SearchDecision.DEFAULT_YES),
        (300, "", SearchDecision.DEFAULT_YES),
        (300, " in round 4", SearchDecision.DEFAULT_YES),
        (
            300,
            " in round 3",
            SearchDecision.DEFAULT_NO,
        ),  # it had ended when the tables were changed
    ],
)
async def test_a_question_about_what_stale_tables_know_is_searched_for(
    days: int, when: str, decision: SearchDecision
) -> None:
    tables = league_tables()
    changed = max(table.document.updated for table in await tables.tables())
    today = datetime.combine(changed + timedelta(days=days), time(12, tzinfo=UTC))
    profile = replace(LEAGUE, period=replace(PERIOD, ends_sql=ENDS.format(changed)))
    found = await deciding(profile, data=tables, now=today).run(SearchQuestion(ASKED.format(when)))
    assert found.final_decision is decision
    if decision is SearchDecision.DEFAULT_YES:
        assert found.final_reasoning == (
            "The question is about something known here whose data are stale: Cléo Cole-Dár, "
            "Bruno Bell."
        )
        assert f"were last changed on {changed}." in found.trace[-1].reason


async def test_a_message_that_asks_nothing_is_not_searched_for() -> None:
    long_after = datetime(2036, 1, 1, tzinfo=UTC)
    thanks = SearchQuestion("I like Bruno Bell.")
    profile = replace(LEAGUE, entities=replace(NAMES, active_sql=None))
    found = await deciding(profile, data=league_tables(), now=long_after).run(thanks)
    assert found.final_decision is SearchDecision.DEFAULT_NO
    assert "stale data" in [rule.rule for rule in found.trace]


async def test_what_the_tables_do_not_know_is_not_stale() -> None:
    question = SearchQuestion("Should I paint the house blue?")
    long_after = datetime(2036, 1, 1, tzinfo=UTC)
    found = await deciding(LEAGUE, data=league_tables(), now=long_after).run(question)
    assert found.final_decision is SearchDecision.DEFAULT_NO


async def test_tables_that_cannot_be_read_are_not_called_stale() -> None:
    broken = BrokenTables()
    found = await deciding(LEAGUE, data=broken).run(SearchQuestion(ASKED.format("")))
    assert found.final_decision is SearchDecision.DEFAULT_NO
