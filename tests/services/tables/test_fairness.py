"""Callers of real queries on a real file: nobody waits for all that another one has asked."""

import asyncio
from pathlib import Path

import anyio
import pytest

from services.tables.structured_data import GuardedTables
from use_cases.kernel.errors import QueryTooExpensive, TooManyQueries
from use_cases.kernel.model import Caller

pytestmark = pytest.mark.anyio

SLOW = "SELECT count(*) FROM numbers a, (SELECT n FROM numbers LIMIT 50) b"
ENDLESS = "SELECT count(*) FROM numbers a, numbers b, numbers c"
GREEDY, OTHER = Caller("greedy"), Caller("other")


async def test_the_next_free_slot_is_the_other_callers(database: Path) -> None:
    tables = GuardedTables(database, at_once=1)
    ended: list[str] = []

    async def ask(caller: Caller) -> None:
        assert (await tables.for_caller(caller).query(SLOW)).rows == [(150_000,)]
        ended.append(caller.user_id)

    async with anyio.create_task_group() as group:
        for caller in [GREEDY] * 5 + [OTHER]:
            group.start_soon(ask, caller)
    await tables.close()

    assert ended.index("other") <= 2
    assert ended.count("greedy") == 5


async def test_tables_are_listed_while_every_slot_is_taken(database: Path) -> None:
    tables = GuardedTables(database, at_once=1, deadline_seconds=1.0)
    happened: list[str] = []

    async def ask() -> None:
        with pytest.raises(QueryTooExpensive):
            await tables.for_caller(GREEDY).query(ENDLESS)
        happened.append("the query ended")

    async with anyio.create_task_group() as group:
        group.start_soon(ask)
        await anyio.wait_all_tasks_blocked()
        for caller in (GREEDY, OTHER):
            listed = await tables.for_caller(caller).tables()
            happened.append(listed[0].name)
    await tables.close()

    assert happened == ["directory", "directory", "the query ended"]


async def test_a_caller_who_leaves_keeps_the_slot_while_the_query_runs(database: Path) -> None:
    tables = GuardedTables(database, at_once=1, deadline_seconds=1.0, most_per_caller=1)
    mine = tables.for_caller(GREEDY)
    left = asyncio.ensure_future(mine.query(ENDLESS))
    await anyio.wait_all_tasks_blocked()

    left.cancel()
    with pytest.raises(TooManyQueries):
        await mine.query("SELECT 1")
    with pytest.raises(asyncio.CancelledError):
        await left

    assert (await mine.query("SELECT 1")).rows == [(1,)]
    await tables.close()


async def test_a_view_of_one_caller_can_be_anothers(database: Path) -> None:
    tables = GuardedTables(database, at_once=1, most_per_caller=1)
    async with anyio.create_task_group() as group:
        group.start_soon(tables.for_caller(GREEDY).query, SLOW)
        await anyio.wait_all_tasks_blocked()
        assert (await tables.for_caller(GREEDY).for_caller(OTHER).query("SELECT 1")).rows == [(1,)]
    await tables.close()
