"""Reading and writing: writers queue, readers see one state, nothing half-done stays."""

import sqlite3
from collections.abc import AsyncGenerator
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.store.answers import SqlAnswers
from services.store.engine.engines import Synchronous
from services.store.store import Store
from services.store.transcript import SqlTranscript
from tests.contracts.keeping import record
from tests.contracts.test_answers import ANNA, BARE, given, ids
from tests.services.store.engine.threads import no_thread_left
from use_cases.kernel.errors import StorageBusy, StorageReadOnly

pytestmark = pytest.mark.anyio


@pytest.fixture
async def other(file: Path, store: Store) -> AsyncGenerator[Store]:
    """A second store on the same file, as another process would have."""
    other = Store(file, busy_timeout=0.05)
    await other.open()
    yield other
    await other.close()


async def test_a_write_transaction_takes_the_lock_before_its_first_statement(
    store: Store, other: Store
) -> None:
    async with store.writing():
        with pytest.raises(StorageBusy):
            async with other.writing():
                pytest.fail("two writers at once")


async def test_a_writer_that_reads_first_is_not_overtaken(file: Path) -> None:
    # Deferred transactions lose here: the later write fails at once, whatever the timeout.
    stores = [Store(file), Store(file)]
    for store in stores:
        await store.open()
    async with stores[0].writing() as connection:
        await connection.execute(text("CREATE TABLE counter (value INTEGER)"))
        await connection.execute(text("INSERT INTO counter VALUES (0)"))

    async def count_up(store: Store) -> None:
        for _ in range(10):
            async with store.writing() as connection:
                value = await connection.scalar(text("SELECT value FROM counter"))
                await connection.execute(text("UPDATE counter SET value = :v"), {"v": value + 1})

    async with anyio.create_task_group() as group:
        for store in stores * 3:
            group.start_soon(count_up, store)
    async with stores[1].reading() as connection:
        assert await connection.scalar(text("SELECT value FROM counter")) == 60
    for store in stores:
        await store.close()


async def test_writers_of_one_store_queue_in_order(file: Path) -> None:
    store = Store(file)
    await store.open()
    order: list[int] = []

    async def write(number: int) -> None:
        async with store.writing():
            order.append(number)

    async with anyio.create_task_group() as group, store.writing():
        for number in range(5):
            group.start_soon(write, number)
        await anyio.wait_all_tasks_blocked()
        assert order == []
    assert order == [0, 1, 2, 3, 4]
    await store.close()


async def test_a_writer_does_not_queue_for_ever(store: Store) -> None:
    async with store.writing():
        with pytest.raises(StorageBusy):
            async with store.writing():
                pytest.fail("two writers at once")


async def test_readers_do_not_wait_for_the_writer(store: Store) -> None:
    async with store.writing() as connection:
        await connection.execute(text("DELETE FROM answers"))
        assert await ids(SqlAnswers(store)) == []


async def test_a_read_transaction_sees_one_state(store: Store) -> None:
    await record(SqlTranscript(store), given("ans_1"))
    count = text("SELECT count(*) FROM answers")
    async with store.reading() as connection:
        assert await connection.scalar(count) == 1
        await record(SqlTranscript(store), given("ans_2"))
        assert await connection.scalar(count) == 1
    async with store.reading() as connection:
        assert await connection.scalar(count) == 2


async def test_a_read_transaction_cannot_write(store: Store) -> None:
    async def write_while_reading() -> None:
        async with store.reading() as connection:
            await connection.execute(text("DELETE FROM answers"))

    with pytest.raises(StorageReadOnly):
        await write_while_reading()


async def test_an_error_rolls_back_all_of_the_transaction(store: Store) -> None:
    async def fail_after_a_delete() -> None:
        async with store.writing() as connection:
            await connection.execute(text("DELETE FROM answers"))
            raise LookupError

    await record(SqlTranscript(store), BARE)
    with pytest.raises(LookupError):
        await fail_after_a_delete()
    assert await SqlAnswers(store).answers(ANNA) == (BARE,)


async def test_a_broken_constraint_is_not_taken_for_a_storage_error(store: Store) -> None:
    async def insert_nothing() -> None:
        async with store.writing() as connection:
            await connection.execute(text("INSERT INTO answers (answer_id) VALUES ('x')"))

    with pytest.raises(IntegrityError):
        await insert_nothing()


async def test_a_cancelled_writer_leaves_nothing_and_blocks_nobody(store: Store) -> None:
    deleted = anyio.Event()

    async def write_and_wait() -> None:
        async with store.writing() as connection:
            await connection.execute(text("DELETE FROM answers"))
            deleted.set()
            await anyio.sleep_forever()

    await record(SqlTranscript(store), BARE)
    async with anyio.create_task_group() as group:
        group.start_soon(write_and_wait)
        await deleted.wait()
        group.cancel_scope.cancel()
    await record(SqlTranscript(store), given("ans_next"))
    assert await ids(SqlAnswers(store)) == ["ans_next", "ans_bare"]


async def test_a_writer_cancelled_at_any_moment_blocks_nobody_and_leaves_no_thread(
    file: Path,
) -> None:
    async def write(store: Store, number: int) -> None:
        await record(SqlTranscript(store), given(f"ans_{number}"))

    async with no_thread_left():
        store = Store(file)
        await store.open()
        for steps in range(30):
            async with anyio.create_task_group() as group:
                group.start_soon(write, store, steps)
                for _ in range(steps):
                    await anyio.lowlevel.checkpoint()
                group.cancel_scope.cancel()
        await record(SqlTranscript(store), BARE)
        assert await SqlAnswers(store).answer(ANNA, "ans_bare") == BARE
        await store.close()


async def test_what_was_recorded_survives_the_death_of_the_process(
    store: Store, file: Path, tmp_path: Path
) -> None:
    await record(SqlTranscript(store), BARE)
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for path in file.parent.glob("candor.sqlite*"):
        (crashed / path.name).write_bytes(path.read_bytes())
    rows = sqlite3.connect(crashed / file.name).execute("SELECT answer_id FROM answers").fetchall()
    assert rows == [("ans_bare",)]


@pytest.mark.parametrize(("synchronous", "level"), [("NORMAL", 1), ("FULL", 2)])
async def test_the_writer_is_set_up(file: Path, synchronous: Synchronous, level: int) -> None:
    store = Store(file, synchronous=synchronous, busy_timeout=1.5)
    await store.open()
    async with store.writing() as connection:
        assert await connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert await connection.scalar(text("PRAGMA synchronous")) == level
        assert await connection.scalar(text("PRAGMA foreign_keys")) == 1
        assert await connection.scalar(text("PRAGMA busy_timeout")) == 1500
    await store.close()
