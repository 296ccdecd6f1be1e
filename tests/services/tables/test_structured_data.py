"""Real questions are answered, side by side, over tables that come and go."""

from pathlib import Path

import anyio
import pytest

from services.tables.structured_data import GuardedTables
from tests.services.tables.databases import DIRECTORY, KPIS, load, unload, writer
from tests.services.tables.legitimate import LEGITIMATE
from use_cases.kernel.errors import (
    CandorError,
    QueryFailed,
    QueryTooExpensive,
    StorageDamaged,
    Unavailable,
)

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("name", LEGITIMATE)
async def test_a_legitimate_query_is_answered(name: str, database: Path) -> None:
    sql, expected = LEGITIMATE[name]

    rows = await GuardedTables(database).query(sql)

    assert rows.rows == expected
    assert not rows.truncated


async def test_rows_are_capped_by_number_and_by_size(database: Path) -> None:
    tables = GuardedTables(database, max_rows=3, max_bytes=20)

    exactly = await tables.query("SELECT n FROM numbers WHERE n <= 3")
    more = await tables.query("SELECT n FROM numbers ORDER BY n")
    larger = await tables.query("SELECT label FROM numbers ORDER BY n")

    assert (exactly.rows, exactly.truncated) == ([(1,), (2,), (3,)], False)
    assert (more.rows, more.truncated, more.limit) == ([(1,), (2,), (3,)], True, 3)
    assert (larger.rows, larger.truncated) == ([("item 1",), ("item 2",), ("item 3",)], True)


async def test_one_row_over_the_size_is_refused_with_advice(database: Path) -> None:
    tables = GuardedTables(database, max_bytes=5)

    with pytest.raises(QueryTooExpensive) as refusal_error:
        await tables.query("SELECT label FROM numbers")

    assert refusal_error.value.detail == "One row is larger than 5 bytes."


@pytest.mark.parametrize(
    ("sql", "detail", "hint"),
    [
        (
            "SELECT kpi_di FROM kpi_catalog",
            "Unknown column 'kpi_di'. Did you mean 'kpi_id'?",
            "Columns of kpi_catalog: kpi_id, name, owner, target_pct, updated.",
        ),
        (
            'SELECT "Target (%)" FROM kpi_catalog',
            "Unknown column 'Target (%)'. Did you mean 'target_pct'? Put text in single quotes.",
            "Columns of kpi_catalog: kpi_id, name, owner, target_pct, updated.",
        ),
        (
            "SELECT k.zzz FROM kpi_catalog k",
            "Unknown column 'zzz'.",
            "Columns of kpi_catalog: kpi_id, name, owner, target_pct, updated.",
        ),
        (
            "SELECT * FROM kpis_catalog",
            "Unknown table 'kpis_catalog'. Did you mean 'kpi_catalog'?",
            "The loaded tables are: directory, kpi_catalog, numbers.",
        ),
        (
            "SELECT avrg(n) FROM numbers",
            "Unknown function 'avrg'. Did you mean 'avg'?",
            "Use SQLite's aggregate, text, date, mathematical and window functions.",
        ),
        (
            "SELEC 1",
            "Syntax error near 'SELEC'.",
            "Check table and column names; `candor tables` shows them.",
        ),
        (
            "SELECT name FROM directory, kpi_catalog",
            "Ambiguous column name: name.",
            "The loaded tables are: directory, kpi_catalog, numbers.",
        ),
        (
            "SELECT sum(9223372036854775807 + 0 * n) FROM numbers",
            "Integer overflow.",
            "The loaded tables are: directory, kpi_catalog, numbers.",
        ),
    ],
)
async def test_a_mistake_is_named_and_the_right_word_with_it(
    sql: str, detail: str, hint: str, database: Path
) -> None:
    with pytest.raises(QueryFailed) as sqlite_error:
        await GuardedTables(database).query(sql)

    assert (sqlite_error.value.detail, sqlite_error.value.hint) == (detail, hint)


async def test_queries_at_the_same_time_do_not_disturb_each_other(database: Path) -> None:
    tables = GuardedTables(database, deadline_seconds=0.3)
    answers: list[object] = []
    stopped: list[type[CandorError]] = []

    async def ask(sql: str) -> None:
        try:
            answers.append((await tables.query(sql)).rows)
        except CandorError as error:
            stopped.append(type(error))

    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(ask, "SELECT count(*) FROM directory")
            group.start_soon(ask, "SELECT count(*) FROM secrets")
            group.start_soon(ask, "SELECT nothing FROM directory")
        group.start_soon(ask, "SELECT count(*) FROM numbers a, numbers b, numbers c")
    await tables.close()

    assert answers == [[(4,)]] * 5
    assert sorted(error.__name__ for error in stopped) == [
        *["QueryFailed"] * 5,
        *["QueryRefused"] * 5,
        "QueryTooExpensive",
    ]


async def test_tables_that_come_change_and_go_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "knowledge.sqlite"
    tables = GuardedTables(path)
    assert await tables.tables() == ()
    with pytest.raises(QueryFailed, match="No tables"):
        await tables.query("SELECT 1")

    await load(path, kpi_catalog=KPIS)
    assert (await tables.query("SELECT count(*) FROM kpi_catalog")).rows == [(4,)]

    await load(path, directory=DIRECTORY, kpi_catalog="kpi_id,colour\nK-9,red\n")
    assert (await tables.query("SELECT colour FROM kpi_catalog")).rows == [("red",)]
    assert [table.name for table in await tables.tables()] == ["directory", "kpi_catalog"]

    await unload(path, "kpi_catalog.csv")
    with pytest.raises(QueryFailed, match="Unknown table 'kpi_catalog'"):
        await tables.query("SELECT colour FROM kpi_catalog")
    await tables.close()


async def test_a_file_that_is_replaced_is_noticed(tmp_path: Path) -> None:
    path, other = tmp_path / "knowledge.sqlite", tmp_path / "new.sqlite"
    await load(path, kpi_catalog=KPIS)
    await load(other, directory=DIRECTORY)
    tables = GuardedTables(path)
    assert [table.name for table in await tables.tables()] == ["kpi_catalog"]

    other.replace(path)

    assert [table.name for table in await tables.tables()] == ["directory"]
    await tables.close()


async def test_a_write_in_progress_does_not_hold_up_a_query(tmp_path: Path) -> None:
    path = tmp_path / "knowledge.sqlite"
    await load(path, directory=DIRECTORY)
    tables = GuardedTables(path)
    other = writer(path)
    other.execute("BEGIN IMMEDIATE; DELETE FROM directory")

    assert (await tables.query("SELECT count(*) FROM directory")).rows == [(4,)]

    other.execute("COMMIT")
    assert (await tables.query("SELECT count(*) FROM directory")).rows == [(0,)]
    other.close()
    await tables.close()


async def test_a_file_that_is_no_database_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "knowledge.sqlite"
    path.write_bytes(b"no database " * 1000)

    with pytest.raises(StorageDamaged):
        await GuardedTables(path).tables()


async def test_a_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        await GuardedTables(tmp_path).tables()


async def test_a_closed_adapter_opens_again(database: Path) -> None:
    tables = GuardedTables(database)
    await tables.query("SELECT 1")
    await tables.close()

    assert (await tables.query("SELECT 2")).rows == [(2,)]
    await tables.close()
