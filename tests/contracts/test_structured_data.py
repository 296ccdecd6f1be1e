"""What every implementation of the port `StructuredData` does."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from services.documents.table_files import parse_table_file
from services.index.postgresql.server_library import ServerLibrary
from services.index.postgresql.tables_copy import ServerTables, TablesCopy
from services.index.sqlite.database import KnowledgeDatabase
from services.index.sqlite.file_library import SqliteLibrary
from services.tables.structured_data import GuardedTables
from tests.fakes.structured_data import MemoryTables
from tests.postgres import knowledge_server, needs_any_server
from tests.services.tables.attacks import ON_POSTGRESQL
from tests.services.tables.databases import DIRECTORY, KPIS, NUMBERS, prepared
from use_cases.kernel.errors import QueryFailed, QueryRefused, QueryTooExpensive
from use_cases.kernel.model import Scalar
from use_cases.kernel.ports import StructuredData
from use_cases.knowledge.model import IndexIdentity, TableData
from use_cases.knowledge.ports import Library

pytestmark = pytest.mark.anyio

PARSED = {
    name: parse_table_file(name, text.encode())
    for name, text in {
        "numbers.csv": NUMBERS,
        "directory.csv": DIRECTORY,
        "kpi_catalog.csv": KPIS,
    }.items()
}
TABLES: list[TableData] = [table for parsed in PARSED.values() for table in parsed.tables]


async def save(library: Library) -> None:
    await library.prepare(IndexIdentity("none", 0, "test"))
    for name, parsed in PARSED.items():
        await library.save(prepared(name, parsed.text, parsed.tables))


@pytest.fixture(params=["memory", "guarded", pytest.param("postgresql", marks=needs_any_server)])
async def data(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncGenerator[StructuredData, None]:
    if request.param == "memory":
        memory = MemoryTables(*TABLES)
        yield memory
        memory.close()
        return
    path = tmp_path / "knowledge.sqlite"
    database = KnowledgeDatabase(path)
    if request.param == "postgresql":
        async with knowledge_server() as server:
            await save(ServerLibrary(server))
            guarded = GuardedTables(path, deadline_seconds=1.0)
            yield ServerTables(TablesCopy(server, database), guarded)
            await guarded.close()
        await database.close()
        return
    await save(SqliteLibrary(database))
    await database.close()
    guarded = GuardedTables(path, deadline_seconds=1.0)
    yield guarded
    await guarded.close()


async def test_tables_come_by_name_with_their_columns(data: StructuredData) -> None:
    tables = await data.tables()

    assert [table.name for table in tables] == ["directory", "kpi_catalog", "numbers"]
    assert [column.name for column in tables[0].columns] == [
        "id",
        "name",
        "manager",
        "team",
        "phone",
    ]
    assert [table.row_count for table in tables] == [4, 4, 3000]
    assert tables[1].document.name == "kpi_catalog.csv"


async def test_a_query_has_typed_rows_and_says_what_it_read(data: StructuredData) -> None:
    rows = await data.query("SELECT id, name, phone FROM directory WHERE name IN ('Ann', 'Dan')")

    assert rows.columns == ["id", "name", "phone"]
    assert rows.rows == [("007", "Ann", "+49 30 1"), ("010", "Dan", None)]
    assert [table.name for table in rows.tables] == ["directory"]
    assert not rows.truncated


async def test_values_are_given_by_name_and_a_missing_one_is_null(data: StructuredData) -> None:
    rows = await data.query(
        "SELECT name, :nobody FROM directory WHERE name = :who", {"who": "Ann", "spare": "x'; --"}
    )

    assert rows.rows == [("Ann", None)]


@pytest.mark.parametrize("value", [2**63, -(10**30), "\ud800"])
async def test_a_value_that_no_database_holds_is_a_failure(
    value: Scalar, data: StructuredData
) -> None:
    with pytest.raises(QueryFailed):
        await data.query("SELECT :value", {"value": value})


async def test_more_rows_than_the_limit_are_cut_and_said_to_be(data: StructuredData) -> None:
    rows = await data.query("SELECT n FROM numbers ORDER BY n")

    assert rows.truncated
    assert rows.limit == 200
    assert rows.rows[-1] == (200,)
    assert len(rows.rows) == 200


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM directory",
        "DROP TABLE directory",
        "CREATE TABLE t (a)",
        "PRAGMA query_only = 0",
        "SELECT 1; SELECT 2",
    ],
)
async def test_all_but_one_select_is_refused(sql: str, data: StructuredData) -> None:
    with pytest.raises(QueryRefused):
        await data.query(sql)

    assert (await data.query("SELECT count(*) FROM directory")).rows == [(4,)]


async def test_what_a_server_would_run_gets_nowhere(data: StructuredData) -> None:
    for sql in ON_POSTGRESQL:
        with pytest.raises((QueryRefused, QueryFailed)):
            await data.query(sql)


@pytest.mark.parametrize("sql", ["SELEC 1", "SELECT x FROM directory", "SELECT 1 FROM nowhere", ""])
async def test_a_mistake_is_a_failure(sql: str, data: StructuredData) -> None:
    with pytest.raises(QueryFailed):
        await data.query(sql)


async def test_a_query_without_end_is_stopped(data: StructuredData) -> None:
    with pytest.raises(QueryTooExpensive):
        await data.query("SELECT count(*) FROM numbers a, numbers b, numbers c")
