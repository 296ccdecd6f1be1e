"""The period of a question: said in it, or the one of the day; and the season that a question names,
against the one that the tables hold.
"""

from dataclasses import replace
from datetime import date

import pytest

from tests.fakes.league import LEAGUE
from tests.fakes.profiles import PLAIN
from tests.fakes.structured_data import MemoryTables
from use_cases.advice.profile import PeriodRule, Profile
from use_cases.advice.profiles.question_period import Period, Season, period_of, season_of

pytestmark = pytest.mark.anyio

TODAY = date(2026, 3, 12)
RULE = LEAGUE.period or PeriodRule("round")
TWO_YEARS = "SELECT '2025-26' AS season, '2025-26' AS current"
ONE_YEAR = "SELECT '2026' AS season, '2026' AS current"


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


def with_season(sql: str | None) -> Profile:
    return replace(LEAGUE, period=replace(RULE, season_sql=sql))


async def season(tables: MemoryTables, question: str, sql: str | None = TWO_YEARS) -> Season:
    profile = with_season(sql)
    period = await period_of(profile, question, TODAY, tables)
    return await season_of(profile, question, period, TODAY, tables)


@pytest.mark.parametrize(
    "question",
    [
        "Ahn in round 2?",
        "Ahn in round 2 of 2026?",
        "Ahn in round 2 of 2025?",
        "Ahn in round 2, 2025/26?",
        "Ahn in round 2 of the 2025-2026 season",
        "R2 25/26: Ahn?",
        "Ahn in round 2 of this season?",
        "Ahn, who played since 2019, in round 2?",
        "Drafted in 2019: Ahn in round 2?",
        "Ahn in round 2? He ran 2030 metres.",
        "In round 2 of 2019 he was good. Ahn in round 2 of 2026?",
        "rounds 2-3, Ahn?",
    ],
)
async def test_the_season_of_the_tables_fits(tables: MemoryTables, question: str) -> None:
    assert await season(tables, question) == Season("2025-26")


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Ahn in round 2 of 2024?", "2024"),
        ("2027 round 2: Ahn?", "2027"),
        ("Ahn in round 2 (2024)", "2024"),
        ("Ahn in round 2 of the 2026/27 season", "2026-27"),
        ("Ahn in round 2, 24/25", "2024-25"),
        ("In 2024, Ahn in round 2?", "2024"),
        ("Round 2 in March 2024: Ahn?", "2024"),
        ("Ahn in round 2 of next season?", "2026-27"),
        ("Ahn in round 2 last season?", "2024-25"),
        ("Ahn in round 2 of '24 season", "2024"),
    ],
)
async def test_another_season_is_said(tables: MemoryTables, question: str, said: str) -> None:
    assert await season(tables, question) == Season(
        "2025-26", f"The question is about {said}, and the tables hold the season 2025-26."
    )


async def test_a_season_of_one_year_is_named_by_it(tables: MemoryTables) -> None:
    assert (await season(tables, "round 2 of 2026", ONE_YEAR)).missing == ""
    assert (await season(tables, "round 2 of 2025", ONE_YEAR)).missing == (
        "The question is about 2025, and the tables hold the season 2026."
    )


async def test_without_a_query_the_last_day_tells_the_year(tables: MemoryTables) -> None:
    assert await season(tables, "round 2 of 2026", None) == Season()
    assert (await season(tables, "round 2 of 2025", None)).missing == (
        "The question is about 2025, and the tables hold the round 2 that ends 2026-03-08."
    )


async def test_a_period_that_the_tables_lack_is_said(tables: MemoryTables) -> None:
    assert (await season(tables, "Ahn in round 9?")).missing == (
        "The tables hold no round 9 of 2025-26."
    )
    assert (await season(tables, "Ahn in round 9?", None)).missing == "The tables hold no round 9."


async def test_two_seasons_in_one_table_cannot_be_told_apart(tables: MemoryTables) -> None:
    both = "SELECT '2024-25' AS season UNION ALL SELECT '2025-26'"
    assert (await season(tables, "Ahn in round 2?", both)).missing == (
        "The tables hold the seasons 2024-25 and 2025-26, and a round of one cannot be told from the "
        "same one of the other: load one season at a time."
    )


@pytest.mark.parametrize(
    ("sql", "notice"),
    [
        ("SELECT x FROM rounds", "The profile's period.season_sql failed: no such column: x."),
        ("SELECT 2026 AS year", "The profile's period.season_sql gives no column `season`."),
    ],
)
async def test_a_broken_query_of_the_season_is_a_notice(
    tables: MemoryTables, sql: str, notice: str
) -> None:
    assert await season(tables, "Ahn in round 2 of 2024?", sql) == Season(notices=(notice,))


async def test_a_profile_without_periods_has_no_season(tables: MemoryTables) -> None:
    assert await season_of(PLAIN, "in 2024?", Period(), TODAY, tables) == Season()
