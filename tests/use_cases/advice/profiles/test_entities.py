"""The entities of a question: from a profile's tables, with doubts and troubles told."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from tests.fakes.league import LEAGUE, PLAYERS
from tests.fakes.profiles import PLAIN
from tests.fakes.structured_data import MemoryTables
from use_cases.advice.model import NamedEntity
from use_cases.advice.profile import EntityRule
from use_cases.advice.profiles.entities import Entities
from use_cases.advice.profiles.queries import QueryTrouble
from use_cases.kernel.errors import StorageBusy
from use_cases.kernel.model import Column, ColumnType, Rows, Scalar, Table
from use_cases.knowledge.model import TableData

pytestmark = pytest.mark.anyio

TODAY = date(2026, 3, 12)


class Counted(MemoryTables):
    """Counts the queries, and can be given other versions of its tables."""

    queries = 0
    version = 1

    async def query(self, sql: str, parameters: Mapping[str, Scalar] | None = None) -> Rows:
        self.queries += 1
        return await super().query(sql, parameters)

    async def tables(self) -> list[Table]:
        return [
            replace(table, document=replace(table.document, version_id=self.version))
            for table in await super().tables()
        ]


async def test_names_come_in_the_order_of_the_question_with_detail_and_news(
    tables: MemoryTables,
) -> None:
    named = await Entities(tables).named(LEAGUE, "The Wall, C.C. or AHN this round?", TODAY)

    assert named.entities == (
        NamedEntity("Bruno Bell", "The Wall", "Blues"),
        NamedEntity("Cléo Cole-Dár", "C.C", "Reds"),
        NamedEntity("Aidan Ahn", "AHN", "Reds", "knee, doubtful"),
    )
    assert named.notices == ()


async def test_news_counts_from_its_day_on(tables: MemoryTables) -> None:
    named = await Entities(tables).named(LEAGUE, "Aidan Ahn", date(2026, 3, 9))

    assert named.entities == (NamedEntity("Aidan Ahn", "Aidan Ahn", "Reds"),)


async def test_a_name_that_several_have_is_no_entity_but_a_notice(tables: MemoryTables) -> None:
    named = await Entities(tables).named(LEAGUE, "Bell or Ahn?", TODAY)

    assert [entity.name for entity in named.entities] == ["Aidan Ahn"]
    assert named.notices == (
        "“Bell” could be Bruno Bell, Dora Bell; write the full name of the one you mean.",
    )


async def test_a_guess_by_prominence_is_told(tables: MemoryTables) -> None:
    sql = "SELECT name, CASE name WHEN 'Dora Bell' THEN 9 ELSE 2.5 END AS weight FROM players"
    profile = replace(LEAGUE, entities=EntityRule(sql))

    named = await Entities(tables).named(profile, "Bell?", TODAY)

    assert [entity.name for entity in named.entities] == ["Dora Bell"]
    assert named.notices == ("“Bell” is taken for Dora Bell; others are called so too.",)


async def test_a_profile_without_entities_names_nobody(tables: MemoryTables) -> None:
    assert (await Entities(tables).named(PLAIN, "Ahn?", TODAY)).entities == ()
    assert await Entities(tables).resolve(PLAIN, "Ahn") is None
    assert await Entities(tables).names(PLAIN) == ()


async def test_more_names_than_a_query_may_give_are_read_page_by_page() -> None:
    rows = [(f"Player Number{n}",) for n in range(835)]
    tables = MemoryTables(
        TableData("players", "Players", "", [Column("name", "name", ColumnType.TEXT)], rows)
    )
    profile = replace(LEAGUE, tables=("players",), entities=EntityRule("SELECT name FROM players"))
    entities = Entities(tables)

    assert len(await entities.names(profile)) == 835
    assert await entities.resolve(profile, "number834") == "Player Number834"
    tables.close()


async def test_names_are_read_once_for_each_version_of_the_tables() -> None:
    columns = [Column(name, name, ColumnType.TEXT) for name in ("name", "nick", "team")]
    tables = Counted(TableData("players", "Players", "", columns, PLAYERS))
    profile = replace(LEAGUE, tables=(), entities=EntityRule("SELECT name FROM players"))
    entities = Entities(tables)

    await entities.names(profile)
    await entities.names(profile)
    assert tables.queries == 1
    tables.version = 2
    await entities.names(profile)
    assert tables.queries == 2
    await entities.names(replace(profile, version="2"))
    assert tables.queries == 3
    tables.close()


async def test_names_of_few_profiles_are_kept() -> None:
    columns = [Column(name, name, ColumnType.TEXT) for name in ("name", "nick", "team")]
    tables = Counted(TableData("players", "Players", "", columns, PLAYERS))
    profile = replace(LEAGUE, tables=(), entities=EntityRule("SELECT name FROM players"))
    entities = Entities(tables)
    for version in [*range(9), 0]:
        await entities.names(replace(profile, version=str(version)))

    assert tables.queries == 10
    tables.close()


@pytest.mark.parametrize(
    ("sql", "notice"),
    [
        (
            "SELECT nobody FROM players",
            "The profile's entities.sql failed: no such column: nobody.",
        ),
        ("SELECT nick FROM players", "The profile's entities.sql gives no column `name`."),
        (
            "SELECT name, 'much' AS weight FROM players",
            "The profile's entities.sql gives the weight 'much', which is no number.",
        ),
    ],
)
async def test_a_broken_query_is_a_notice(tables: MemoryTables, sql: str, notice: str) -> None:
    named = await Entities(tables).named(replace(LEAGUE, entities=EntityRule(sql)), "Ahn?", TODAY)

    assert named.entities == ()
    assert named.notices == (notice,)


async def test_broken_news_do_not_cost_the_names(tables: MemoryTables) -> None:
    rule = EntityRule("SELECT name FROM players", active_sql="SELECT name FROM nowhere")

    named = await Entities(tables).named(replace(LEAGUE, entities=rule), "Ahn?", TODAY)

    assert [entity.name for entity in named.entities] == ["Aidan Ahn"]
    assert named.notices == ("The profile's entities.active_sql failed: no such table: nowhere.",)


async def test_missing_tables_are_named() -> None:
    tables = MemoryTables()

    named = await Entities(tables).named(LEAGUE, "Ahn?", TODAY)

    assert named.notices == (
        "The profile league needs tables that are not loaded: players, news, rounds, form. "
        "`candor ingest` loads them.",
    )
    tables.close()


async def test_a_busy_database_is_a_trouble_and_no_crash() -> None:
    class Busy(MemoryTables):
        async def tables(self) -> list[Table]:
            raise StorageBusy("Another process is writing.")

    tables = Busy()
    with pytest.raises(QueryTrouble, match="The tables cannot be read: Another process"):
        await Entities(tables).names(LEAGUE)
    tables.close()
