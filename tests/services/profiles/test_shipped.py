"""The shipped profiles on tables as ingestion really makes them."""

from collections.abc import AsyncIterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from pydantic_ai import RunContext
from pydantic_ai.models.test import TestModel
from pydantic_ai.usage import RunUsage

from services.profiles.profile_folders import SCALES, SHIPPED, FolderProfiles
from services.tables.structured_data import GuardedTables
from tests.fakes.clock import FixedClock
from tests.fakes.search import FixedSearch
from tests.services.tables.databases import load
from tests.templates import run_apart
from use_cases.advice.advice_deps import AdviceDeps
from use_cases.advice.check_profiles import ProfileCheck, ReadProfiles
from use_cases.advice.comparison.comparison_tool import compare_options
from use_cases.advice.model import Comparison
from use_cases.advice.profiles.entities import Entities
from use_cases.advice.profiles.question_period import Period, Season, period_of, season_of
from use_cases.kernel.model import LOCAL

pytestmark = pytest.mark.anyio

SAMPLE = Path(__file__).parents[3] / "samples" / "fantasy"
PROFILES = FolderProfiles()

FPL = {
    "fixtures": (
        "id,event,kickoff_time,finished,team_h,team_a\n"
        "1,1,2026-08-15T14:00:00Z,True,1,2\n"
        "2,2,2026-08-22T14:00:00Z,True,2,1\n"
        "3,3,2026-08-29T14:00:00Z,True,1,2\n"
        "4,3,2026-08-31T19:00:00Z,True,3,1\n"
        "5,4,2026-09-12T14:00:00Z,False,1,2\n"
        "6,5,2026-09-19T14:00:00Z,False,2,3\n"
    ),
    "gameweek_stats": (
        "gw,element,name,position,team,fixture,was_home,selected,total_points\n"
        "1,1,Ivo da Costa Mendrel,MID,Otterholm,1,True,3000,9\n"
        "1,2,Sander Ruysk,MID,Brackwater,1,False,400,2\n"
        "1,3,Bo Mendrel,FWD,Brackwater,1,False,100,1\n"
        "2,1,Ivo da Costa Mendrel,MID,Otterholm,2,False,3100,7\n"
        "2,2,Sander Ruysk,MID,Brackwater,2,True,450,3\n"
        "3,1,Ivo da Costa Mendrel,MID,Otterholm,3,True,3050,2\n"
        "3,1,Ivo da Costa Mendrel,MID,Otterholm,4,False,3050,6\n"
        "3,2,Sander Ruysk,MID,Brackwater,3,False,450,5\n"
    ),
    "availability_snapshots": (
        "snapshot,id,web_name,news,chance_of_playing_next_round\n"
        "2026-08-01,1,I.Mendrel,Rested,100\n"
        "2026-08-20,2,Ruysk,Knee injury,0\n"
        "2026-08-28,2,Ruysk,Ankle - 50% chance,50\n"
    ),
}
# Another league's file of the same name, loaded first.
OTHER_PLAYERS = "player_id,player_name,position\n7,Jory Quillfeather,QB\n"


@pytest.fixture(scope="module")
def nfl_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample league, as `candor ingest samples/fantasy` stores it."""
    file = tmp_path_factory.mktemp("nfl") / "knowledge.sqlite"
    run_apart(partial(load, file, **{path.stem: path.read_text() for path in SAMPLE.glob("*.csv")}))
    return file


@pytest.fixture(scope="module")
def fpl_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("fpl") / "knowledge.sqlite"
    run_apart(partial(load, file, players=OTHER_PLAYERS, **FPL))
    return file


@pytest.fixture
async def nfl(nfl_file: Path) -> AsyncIterator[GuardedTables]:
    tables = GuardedTables(nfl_file)
    yield tables
    await tables.close()


@pytest.fixture
async def fpl(fpl_file: Path) -> AsyncIterator[GuardedTables]:
    tables = GuardedTables(fpl_file)
    yield tables
    await tables.close()


async def checked(
    data: GuardedTables,
    name: str,
    today: date,
    option: str | None = None,
    period: int | None = None,
) -> ProfileCheck:
    action = ReadProfiles(profiles=PROFILES, data=data, entities=Entities(data), clock=FixedClock())
    return await action.check(name, option=option, period=period, today=today)


async def compared(data: GuardedTables, name: str, question: str, today: date) -> Comparison:
    profile, entities = PROFILES.profile(name), Entities(data)
    named = await entities.named(profile, question, today)
    deps = AdviceDeps(
        caller=LOCAL,
        search=FixedSearch([]),
        data=data,
        today=today.isoformat(),
        tables=tuple(await data.tables()),
        profile=profile,
        instructions="",
        entities=entities,
        named=named.entities,
        period=(await period_of(profile, question, today, data)).number,
    )
    await compare_options(RunContext(deps=deps, model=TestModel(), usage=RunUsage()))
    return deps.compared[0]


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_each_can_be_read_and_says_what_it_is(path: Path) -> None:
    profile = PROFILES.profile(path.stem)

    assert profile.title
    assert profile.description
    assert {"default", "brief"} <= set(profile.prompts)
    assert len(profile.fresh_words) == len(set(profile.fresh_words))


@pytest.mark.parametrize("name", SCALES)
def test_named_scales_tile_zero_to_one(name: str) -> None:
    scale = SCALES[name].scale
    starts = [phrase.starts for phrase in scale.phrases]

    assert starts[0] == 0
    assert starts == sorted(set(starts))
    assert starts[-1] < 10_000
    assert SCALES[name].unverified_cap in {phrase.key for phrase in scale.phrases}
    ends = [scale.ends(phrase) for phrase in scale.phrases]
    assert ends == [*starts[1:], 10_000]


async def test_the_sample_league_fits_the_nfl_profile(nfl: GuardedTables) -> None:
    found = await checked(nfl, "fantasy-nfl", date(2026, 9, 29))

    assert [part.detail for part in found.parts if not part.ok] == []
    assert found.period == 5


@pytest.mark.parametrize(
    ("question", "today", "period"),
    [
        ("in wk 3?", date(2026, 9, 1), Period(3, date(2026, 9, 20))),
        ("this week?", date(2026, 8, 1), Period(1, date(2026, 9, 6))),
        ("this week?", date(2026, 9, 6), Period(1, date(2026, 9, 6))),
        ("this week?", date(2026, 9, 7), Period(2, date(2026, 9, 13))),
        ("this week?", date(2027, 1, 1), Period()),
    ],
)
async def test_a_week_can_be_decided_on_until_its_last_game(
    nfl: GuardedTables, question: str, today: date, period: Period
) -> None:
    assert await period_of(PROFILES.profile("fantasy-nfl"), question, today, nfl) == period


async def test_the_sample_leagues_players_are_compared_by_projections(nfl: GuardedTables) -> None:
    question = "Start Jory Quillfeather or D'Aron Mossgrave in week 6?"
    found = await compared(nfl, "fantasy-nfl", question, date(2026, 10, 7))

    assert (found.label, found.when, found.number) == ("projected points", "week 6", 1)
    assert found.cases >= 60
    assert found.best is not None
    assert found.best.value == max(option.value or 0 for option in found.options)
    assert 5_000 <= (found.best.chance or 0) <= 8_000


async def test_a_last_name_of_two_in_the_sample_league_is_told(nfl: GuardedTables) -> None:
    named = await Entities(nfl).named(
        PROFILES.profile("fantasy-nfl"), "Varnholt or Tidewick?", date(2026, 9, 9)
    )

    assert [entity.name for entity in named.entities] == ["Marlo Tidewick"]
    assert "“Varnholt” could be Caius Varnholt, Emeric Varnholt" in named.notices[0]


async def test_a_week_is_over_when_its_last_day_has_passed_and_all_teams_have_figures(
    nfl: GuardedTables,
) -> None:
    rule = PROFILES.profile("fantasy-nfl").outcome
    assert rule is not None
    for today, rows in (("2026-09-06", 0), ("2026-09-07", 1)):
        found = await nfl.query(rule.over_sql, {"period": 1, "today": today})
        assert len(found.rows) == rows
    unknown = await nfl.query(rule.over_sql, {"period": 99, "today": "2027-01-01"})
    assert unknown.rows == []
    absent = {"option": "Pell Hartigan Jr.", "period": 4}
    assert (await nfl.query(rule.value_sql, absent)).rows == [(None,)]


async def test_the_fpl_profile_works_on_tables_of_its_form(fpl: GuardedTables) -> None:
    found = await checked(fpl, "fantasy-fpl", date(2026, 9, 1), "Ivo da Costa Mendrel")

    assert [part.detail for part in found.parts if not part.ok] == []
    details = {part.part: part.detail for part in found.parts}
    assert found.period == 4
    assert (
        details["entities.sql"] == "3 names, such as Ivo da Costa Mendrel, Sander Ruysk, Bo Mendrel"
    )
    # (9 + 7 + 2 + 6) points in three gameweeks
    assert details["comparison.value_sql"] == (
        "Ivo da Costa Mendrel: 8 points per gameweek in the five before in gameweek 4"
    )


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("da Costa Mendrel", "Ivo da Costa Mendrel"),
        ("I.Mendrel", "Ivo da Costa Mendrel"),
        ("Ruysk", "Sander Ruysk"),
        ("Bo Mendrel", "Bo Mendrel"),
    ],
)
async def test_an_fpl_player_is_known_by_family_name_and_by_short_name(
    fpl: GuardedTables, said: str, name: str
) -> None:
    assert await Entities(fpl).resolve(PROFILES.profile("fantasy-fpl"), said) == name


async def test_the_mendrel_whom_most_managers_had_is_meant(fpl: GuardedTables) -> None:
    profile = PROFILES.profile("fantasy-fpl")
    named = await Entities(fpl).named(profile, "Mendrel?", date(2026, 9, 1))

    assert [(entity.name, entity.detail) for entity in named.entities] == [
        ("Ivo da Costa Mendrel", "midfielder, Otterholm")
    ]
    assert "is taken for Ivo da Costa Mendrel" in named.notices[0]


async def test_two_matches_of_a_gameweek_count_together(fpl: GuardedTables) -> None:
    rule = PROFILES.profile("fantasy-fpl").outcome
    assert rule is not None
    both = {"option": "Ivo da Costa Mendrel", "period": 3}
    assert (await fpl.query(rule.value_sql, both)).rows == [(8,)]
    absent = {"option": "Bo Mendrel", "period": 3}
    assert (await fpl.query(rule.value_sql, absent)).rows == [(None,)]
    over = {"period": 3, "today": "2026-09-01"}
    assert len((await fpl.query(rule.over_sql, over)).rows) == 1
    over = {"period": 4, "today": "2026-12-01"}
    assert (await fpl.query(rule.over_sql, over)).rows == []


async def test_news_are_those_of_the_newest_snapshot_that_is_not_old(fpl: GuardedTables) -> None:
    profile, entities = PROFILES.profile("fantasy-fpl"), Entities(fpl)

    async def news(today: date) -> str | None:
        return (await entities.named(profile, "Ruysk?", today)).entities[0].active

    assert await news(date(2026, 8, 19)) is None
    assert await news(date(2026, 8, 21)) == "Knee injury (as of 2026-08-20)"
    assert await news(date(2026, 9, 1)) == "Ankle - 50% chance (as of 2026-08-28)"
    assert await news(date(2026, 10, 1)) is None


async def test_fpl_form_learns_from_earlier_gameweeks_only(fpl: GuardedTables) -> None:
    today = date(2026, 9, 1)
    second = await compared(fpl, "fantasy-fpl", "Mendrel or Ruysk in GW2?", today)
    fourth = await compared(fpl, "fantasy-fpl", "Mendrel or Ruysk, gameweek 4", today)

    assert (second.cases, second.best) == (0, None)
    assert (fourth.cases, fourth.higher_won) == (2, 2)
    assert fourth.best is not None
    assert fourth.best.option == "Ivo da Costa Mendrel"


async def season_in(data: GuardedTables, name: str, question: str, today: date) -> Season:
    profile = PROFILES.profile(name)
    period = await period_of(profile, question, today, data)
    return await season_of(profile, question, period, today, data)


async def test_the_nfl_season_is_named_by_the_year_in_which_it_begins(nfl: GuardedTables) -> None:
    today = date(2027, 1, 10)
    assert await season_in(nfl, "fantasy-nfl", "week 3 of 2026?", today) == Season("2026")
    assert await season_in(nfl, "fantasy-nfl", "week 3 this season?", today) == Season("2026")
    assert (await season_in(nfl, "fantasy-nfl", "week 3 of 2027?", today)).missing == (
        "The question is about 2027, and the tables hold the season 2026."
    )
    assert (await season_in(nfl, "fantasy-nfl", "week 30", today)).missing == (
        "The tables hold no week 30 of 2026."
    )


async def test_the_fpl_season_is_named_by_its_two_years(fpl: GuardedTables) -> None:
    today = date(2026, 9, 1)
    assert await season_in(fpl, "fantasy-fpl", "GW 3 26/27", today) == Season("2026-27")
    assert (await season_in(fpl, "fantasy-fpl", "GW 3 last season", today)).missing == (
        "The question is about 2025-26, and the tables hold the season 2026-27."
    )


async def test_a_bye_is_told_and_counts_as_no_points(tmp_path: Path) -> None:
    files = {path.stem: path.read_text() for path in SAMPLE.glob("*.csv")}
    files["schedule"] = files["schedule"].replace("2026_06_MLL_QRY,2026,REG,6", "x,2026,REG,7")
    lines = files["weekly_projections"].splitlines()
    files["weekly_projections"] = "\n".join(
        line for line in lines if not (line.startswith("2026,6") and ",QRY,MLL," in line)
    )
    await load(tmp_path / "knowledge.sqlite", **files)
    tables = GuardedTables(tmp_path / "knowledge.sqlite")
    found = await compared(
        tables, "fantasy-nfl", "Kestrelane or Vandemoor in week 6?", date(2026, 10, 7)
    )
    await tables.close()

    assert [(o.option, o.value, o.availability) for o in found.options] == [
        ("Osric Vandemoor", 17.14, ""),
        ("Tobin Kestrelane", 0.0, "QRY has a bye"),
    ]


async def test_a_gameweek_without_a_match_is_told(fpl: GuardedTables) -> None:
    question = "Mendrel or Ruysk in gameweek 5?"
    found = await compared(fpl, "fantasy-fpl", question, date(2026, 9, 14))

    assert [(o.option, o.value, o.availability) for o in found.options] == [
        ("Sander Ruysk", 2.5, ""),
        ("Ivo da Costa Mendrel", 0.0, "no match"),
    ]


async def test_news_of_before_the_gameweek_are_told_and_none_of_later(fpl: GuardedTables) -> None:
    async def known(question: str, today: date) -> list[tuple[float | None, str]]:
        found = await compared(fpl, "fantasy-fpl", question, today)
        return [(o.value, o.availability) for o in found.options if o.option == "Sander Ruysk"]

    later = date(2027, 1, 1)
    # Ruled out between the gameweeks 1 and 2; a snapshot of the 28th knows more, but comes later.
    assert await known("Mendrel or Ruysk in GW2?", later) == [
        (0.0, "Knee injury (as of 2026-08-20)")
    ]
    assert await known("Mendrel or Ruysk in GW2?", date(2026, 8, 19)) == [(2.0, "")]
    assert await known("Mendrel or Ruysk in GW3?", later) == [
        (2.5, "Ankle - 50% chance (as of 2026-08-28)")
    ]
    assert await known("Mendrel or Ruysk in GW5?", later) == [(2.5, "")]
