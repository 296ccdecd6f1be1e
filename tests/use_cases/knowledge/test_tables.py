"""Tables are listed and asked; what is no statement does not reach them."""

from collections.abc import Generator

import pytest

from tests.fakes.structured_data import MemoryTables
from use_cases.kernel.errors import QueryFailed, QueryTooExpensive
from use_cases.kernel.model import LOCAL, Column, ColumnType
from use_cases.knowledge.manage_documents import ReadTables
from use_cases.knowledge.model import TableData

pytestmark = pytest.mark.anyio

KPIS = TableData(
    "kpis", "KPIs", "", [Column("name", "Name", ColumnType.TEXT)], [("first",), ("second",)]
)


@pytest.fixture
def data() -> Generator[MemoryTables, None, None]:
    tables = MemoryTables(KPIS)
    yield tables
    tables.close()


async def test_the_loaded_tables_are_listed(data: MemoryTables) -> None:
    (table,) = await ReadTables(data=data).list()

    assert (table.name, table.title, table.row_count) == ("kpis", "KPIs", 2)


async def test_a_statement_is_answered(data: MemoryTables) -> None:
    rows = await ReadTables(data=data).query(
        "SELECT name FROM kpis ORDER BY name DESC", caller=LOCAL
    )

    assert rows.rows == [("second",), ("first",)]


@pytest.mark.parametrize("sql", ["", "  \n\t"])
async def test_no_statement_is_a_failure(sql: str, data: MemoryTables) -> None:
    with pytest.raises(QueryFailed, match="empty"):
        await ReadTables(data=data).query(sql, caller=LOCAL)


async def test_an_overlong_statement_is_too_expensive(data: MemoryTables) -> None:
    with pytest.raises(QueryTooExpensive, match="longer than 10,000 characters"):
        await ReadTables(data=data).query("SELECT 1 " + " " * 10_000 + "x", caller=LOCAL)
