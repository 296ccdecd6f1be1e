"""The examples of the page on writing a profile, word by word, on tables of their form."""

import re
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from services.profiles.profile_folders import FolderProfiles
from services.tables.structured_data import GuardedTables
from tests.fakes.clock import FixedClock
from tests.services.tables.databases import load
from use_cases.advice.check_profiles import ReadProfiles
from use_cases.advice.profiles.entities import Entities

pytestmark = pytest.mark.anyio

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "write-a-domain-profile.md"
TABLES = {
    "players": "name,nickname,team,season_points\nOsric Vandemoor,Oz,Reds,50\nAda Quick,,Blues,40\n",
    "injuries": "name,note,day\nAda Quick,Knee,2026-03-10\n",
    "schedule": "week,day\n1,2026-03-08\n2,2026-03-15\n",
    "projections": "week,player,points\n2,Osric Vandemoor,12.5\n2,Ada Quick,11.0\n",
    "decided": "week,player,projected,points\n1,Osric Vandemoor,12.0,9\n1,Ada Quick,10.0,14\n",
    "results": "week,player,points\n1,Osric Vandemoor,9\n1,Ada Quick,14\n",
}


@pytest.fixture
async def tables(tmp_path: Path) -> AsyncIterator[GuardedTables]:
    await load(tmp_path / "knowledge.sqlite", **TABLES)
    tables = GuardedTables(tmp_path / "knowledge.sqlite")
    yield tables
    await tables.close()


def examples() -> list[str]:
    return re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)


def test_the_smallest_profile_can_be_used(tmp_path: Path) -> None:
    (tmp_path / "chess.yaml").write_text(examples()[0])

    assert FolderProfiles(own=tmp_path).profile("chess").title == "Chess openings"


async def test_all_examples_together_make_a_profile_whose_parts_work(
    tables: GuardedTables, tmp_path: Path
) -> None:
    assert len(examples()) == 6
    (tmp_path / "chess.yaml").write_text("".join(examples()))
    profiles = FolderProfiles(own=tmp_path)
    action = ReadProfiles(
        profiles=profiles, data=tables, entities=Entities(tables), clock=FixedClock()
    )

    found = await action.check("chess", today=date(2026, 3, 12))

    assert [(part.part, part.detail) for part in found.parts] == [
        ("entities.sql", "2 names, such as Osric Vandemoor, Ada Quick"),
        ("entities.aliases", "of 1 names"),
        ("entities.active_sql", "news of 1 on 2026-03-12"),
        ("period.current_sql", "2"),
        ("period.ends_sql", "week 2 ends 2026-03-15"),
        ("period.season_sql", "2025"),
        ("comparison.value_sql", "Osric Vandemoor: 12.5 projected points in week 2"),
        ("comparison.availability_sql", "nothing against Osric Vandemoor in week 2"),
        (
            "comparison.past_sql",
            "1 decided pairs, 0 won by the higher; a gap of 1 gives 50.0 in 100",
        ),
        ("outcome.over_sql", "not decided in week 2"),
        ("outcome.value_sql", "Osric Vandemoor did not take part in week 2"),
    ]
    assert profiles.profile("chess").phrases.phrase(9_000).phrase == "Yes"
