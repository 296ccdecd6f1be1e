"""The period of a question: said in it, or the one of the day."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date

import pytest

from tests.fakes.league import LEAGUE, league_tables
from tests.fakes.profiles import PLAIN
from tests.fakes.structured_data import MemoryTables
from use_cases.advice.profile import PeriodRule
from use_cases.advice.profiles.question_period import Period, period_of

pytestmark = pytest.mark.anyio

TODAY = date(2026, 3, 12)


@pytest.fixture
async def tables() -> AsyncIterator[MemoryTables]:
    tables = league_tables()
    yield tables
    tables.close()


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("Ahn in round 2?", 2),
        ("Ahn in ROUND #2's match?", 2),
        ("R4: Ahn or Bell", 4),
        ("After round 2, who in round 4?", 4),
        ("Ahn in rounds 3 and 4?", 4),
        ("rounds 2, 3, and 4: Ahn or Bell?", 4),
        ("Ahn for rounds 2-4", 4),
        ("Ahn for rounds 2 – 4", 4),
        ("Rounds 1 to 4?", 4),
        ("round 1 or round 2", 2),
        ("R3/4: Ahn or Bell", 4),
        ("round 2-3, Ahn?", 3),
        ("In round 2, 40 people will watch", 2),
        ("In round 2 and 40 people will watch", 2),
        ("round 2-point lead", 2),
        ("rounds 2 and the 4 after", 2),
        ("Ahn this round?", 3),
        ("Ahn next round?", 4),
        ("Ahn? He scored 5 around 2020.", 3),
        ("background 1", 3),
    ],
)
async def test_a_number_after_the_word_counts_else_the_day(
    tables: MemoryTables, question: str, number: int
) -> None:
    assert (await period_of(LEAGUE, question, TODAY, tables)).number == number


async def test_a_period_has_its_last_day(tables: MemoryTables) -> None:
    assert await period_of(LEAGUE, "round 4", TODAY, tables) == Period(4, date(2026, 3, 22))
    assert await period_of(LEAGUE, "round 9", TODAY, tables) == Period(9, None)


async def test_after_the_last_period_there_is_none(tables: MemoryTables) -> None:
    assert await period_of(LEAGUE, "Ahn?", date(2026, 5, 1), tables) == Period()


async def test_a_profile_may_have_no_periods_or_no_queries(tables: MemoryTables) -> None:
    assert await period_of(PLAIN, "round 4", TODAY, tables) == Period()
    bare = replace(LEAGUE, period=PeriodRule("round"))
    assert await period_of(bare, "round 4", TODAY, tables) == Period(4)
    assert await period_of(bare, "now?", TODAY, tables) == Period()


@pytest.mark.parametrize(
    ("rule", "period"),
    [
        (
            PeriodRule("round", current_sql="SELECT x FROM rounds"),
            Period(notices=("The profile's period.current_sql failed: no such column: x.",)),
        ),
        (
            PeriodRule("round", current_sql="SELECT 'three'"),
            Period(
                notices=("The profile's period.current_sql gives 'three', which is no number.",)
            ),
        ),
        (
            PeriodRule("round", current_sql="SELECT 3", ends_sql="SELECT 'soon'"),
            Period(
                3,
                notices=(
                    "The profile's period.ends_sql gives 'soon', which is no date (YYYY-MM-DD).",
                ),
            ),
        ),
    ],
)
async def test_a_broken_query_is_a_notice(
    tables: MemoryTables, rule: PeriodRule, period: Period
) -> None:
    assert await period_of(replace(LEAGUE, period=rule), "Ahn?", TODAY, tables) == period
