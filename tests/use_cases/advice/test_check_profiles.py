"""A profile tried part by part."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.fakes.clock import FixedClock
from tests.fakes.league import LEAGUE
from tests.fakes.profiles import PLAIN, InMemoryProfiles
from tests.fakes.structured_data import MemoryTables
from use_cases.advice.check_profiles import ProfileCheck, ReadProfiles
from use_cases.advice.errors import ProfileBroken
from use_cases.advice.profile import ComparisonRule, EntityRule, OutcomeRule, PeriodRule, Profile
from use_cases.advice.profiles.entities import Entities

pytestmark = pytest.mark.anyio


async def check(
    tables: MemoryTables,
    profile: Profile = LEAGUE,
    *,
    option: str | None = None,
    period: int | None = None,
    today: date | None = None,
) -> ProfileCheck:
    action = ReadProfiles(
        profiles=InMemoryProfiles(profile, broken={"bad": "bad.yaml: line 3"}),
        data=tables,
        entities=Entities(tables),
        clock=FixedClock(datetime(2026, 3, 18, tzinfo=UTC)),
    )
    return await action.check(option=option, period=period, today=today)


async def test_every_part_of_a_sound_profile_is_told(tables: MemoryTables) -> None:
    found = await check(tables)

    assert found.ok
    assert (found.option, found.period, found.today) == ("Aidan Ahn", 4, date(2026, 3, 18))
    assert [(part.part, part.detail) for part in found.parts] == [
        ("tables", "players, news, rounds, form"),
        ("entities.sql", "4 names, such as Aidan Ahn, Bruno Bell, Cléo Cole-Dár"),
        ("entities.aliases", "of 1 names; not in the tables: Nobody Atall"),
        ("entities.active_sql", "news of 1 on 2026-03-18"),
        ("period.current_sql", "4"),
        ("period.ends_sql", "round 4 ends 2026-03-22"),
        ("comparison.value_sql", "Aidan Ahn: 3 expected goals in round 4"),
        (
            "comparison.past_sql",
            "6 decided pairs, 5 won by the higher; a gap of 1 gives 56.8 in 100",
        ),
        ("outcome.over_sql", "not decided in round 4"),
        ("outcome.value_sql", "Aidan Ahn reached 1 in round 4"),
    ]


async def test_a_comparison_that_points_the_wrong_way_is_doubted(tables: MemoryTables) -> None:
    assert LEAGUE.comparison is not None
    wrong = replace(LEAGUE, comparison=replace(LEAGUE.comparison, lower_wins=True))
    found = await check(tables, wrong)
    (past,) = [part.detail for part in found.parts if part.part == "comparison.past_sql"]
    assert past == (
        "6 decided pairs, 1 won by the lower; a gap of 1 gives 50.0 in 100; they won less than half: "
        "is lower_wins right?"
    )


async def test_values_may_be_given(tables: MemoryTables) -> None:
    found = await check(tables, option="Bruno Bell", period=2, today=date(2026, 3, 9))

    details = {part.part: part.detail for part in found.parts}
    assert details["comparison.value_sql"] == "Bruno Bell: 2 expected goals in round 2"
    assert details["outcome.over_sql"] == "decided in round 2"
    assert details["outcome.value_sql"] == "Bruno Bell reached 3 in round 2"


async def test_after_the_last_period_one_in_the_middle_is_tried(tables: MemoryTables) -> None:
    found = await check(tables, today=date(2026, 6, 1))

    assert found.period == 3
    assert found.ok


async def test_no_failure_hides_another(tables: MemoryTables) -> None:
    broken = replace(
        LEAGUE,
        entities=EntityRule("SELECT nick FROM players", {"X": ["Y"]}, "SELECT 1 AS name"),
        period=PeriodRule("round", "SELECT 'x'", "SELECT 'soon'"),
        comparison=ComparisonRule("goals", "SELECT y", "SELECT 1"),
        outcome=OutcomeRule("SELECT z", "SELECT 'many'"),
    )

    found = await check(tables, broken, period=1, option="Aidan Ahn")

    assert not found.ok
    assert [(part.part, part.detail) for part in found.parts if not part.ok] == [
        ("entities.sql", "The profile's entities.sql gives no column `name`."),
        ("entities.aliases", "The profile's entities.sql gives no column `name`."),
        ("entities.active_sql", "It must give the columns `name` and `reason`."),
        (
            "period.current_sql",
            "The profile's period.current_sql gives 'x', which is no number.",
        ),
        (
            "period.ends_sql",
            "The profile's period.ends_sql gives 'soon', which is no date (YYYY-MM-DD).",
        ),
        ("comparison.value_sql", "The profile's comparison.value_sql failed: no such column: y."),
        ("comparison.past_sql", "The profile's comparison.past_sql gives no column `gap`."),
        ("outcome.over_sql", "The profile's outcome.over_sql failed: no such column: z."),
        ("outcome.value_sql", "It gives 'many', which is no number."),
    ]


async def test_a_table_of_another_file_lacks_the_columns_and_is_named(tables: MemoryTables) -> None:
    other = replace(
        LEAGUE, entities=EntityRule("SELECT first_name || last_name AS name FROM players;")
    )

    found = await check(tables, other, period=1, option="Aidan Ahn")

    assert [(part.part, part.detail) for part in found.parts if not part.ok] == [
        (
            "tables",
            "entities.sql: no such column: first_name. It reads `players` (of players.csv). Another "
            "file's table may have that name: `candor tables` lists them, and a file of the same "
            "name that was ingested later has a suffix there.",
        ),
        ("entities.sql", "The profile's entities.sql failed: no such column: first_name."),
    ]


async def test_nobody_and_nothing_are_said(tables: MemoryTables) -> None:
    empty = replace(
        LEAGUE,
        entities=EntityRule("SELECT name FROM players WHERE 0"),
        period=PeriodRule("round", ends_sql="SELECT NULL"),
    )

    found = await check(tables, empty, option="Nobody")

    details = {part.part: part.detail for part in found.parts}
    assert details["entities.sql"] == "It gives no names."
    assert details["period.ends_sql"] == "no end is known"
    assert details["comparison.value_sql"] == "no option has expected goals"
    assert details["comparison.past_sql"] == "no pair was decided before"
    assert details["outcome.value_sql"] == "Nobody did not take part"


async def test_without_its_tables_no_query_is_tried() -> None:
    tables = MemoryTables()
    found = await check(tables)

    assert [(part.part, part.ok, part.detail) for part in found.parts] == [
        (
            "tables",
            False,
            "Not loaded: players, news, rounds, form. `candor ingest` loads tables.",
        )
    ]
    tables.close()


async def test_a_profile_of_words_alone_has_nothing_to_try(tables: MemoryTables) -> None:
    found = await check(tables, PLAIN)

    assert found.ok
    assert found.parts == []


async def test_a_broken_file_is_an_error(tables: MemoryTables) -> None:
    action = ReadProfiles(
        profiles=InMemoryProfiles(LEAGUE, broken={"bad": "bad.yaml: line 3"}),
        data=tables,
        entities=Entities(tables),
        clock=FixedClock(),
    )
    with pytest.raises(ProfileBroken, match=r"bad\.yaml: line 3"):
        await action.check("bad")
