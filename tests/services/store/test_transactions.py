"""Reading and writing: writers queue, readers see one state, nothing half-done stays."""

import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from services.store.engine.engines import Synchronous
from services.store.store import Store
from services.store.stored_answers import SqlAnswers
from services.store.transcript import SqlTranscript
from tests.contracts.keeping import record
from tests.contracts.test_answers import ANNA, BARE, given, ids
from tests.services.store.engine.threads import no_thread_left
from tests.services.store.held import holding
from tests.services.store.statements import execute, scalar
from use_cases.kernel.errors import StorageBusy, StorageReadOnly

pytestmark = pytest.mark.anyio


@pytest.fixture
async def other(file: Path, store: Store) -> AsyncGenerator[Store]:
    """A second store on the same file, as another process would have."""
    other = Store(file, busy_timeout=0.05)
    await other.open()
    yield other
    await other.close()


def deleting(connection: Connection) -> None:
    connection.execute(text("DELETE FROM answers"))


async def test_a_write_transaction_takes_the_lock_before_its_first_statement(
    store: Store, other: Store
) -> None:
    async with holding(store.write):
        with pytest.raises(StorageBusy):
            await other.write(deleting)


async def test_a_writer_that_reads_first_is_not_overtaken(file: Path) -> None:
    # Deferred transactions lose here: the later write fails at once, whatever the timeout.
    stores = [Store(file), Store(file)]
    await execute(
        stores[0], "CREATE TABLE counter (value INTEGER)", "INSERT INTO counter VALUES (0)"
    )

    def one_more(connection: Connection) -> None:
        value = connection.scalar(text("SELECT value FROM counter"))
        connection.execute(text("UPDATE counter SET value = :v"), {"v": value + 1})

    async def count_up(store: Store) -> None:
        for _ in range(10):
            await store.write(one_more)

    async with anyio.create_task_group() as group:
        for store in stores * 3:
            group.start_soon(count_up, store)
    assert await scalar(stores[1], "SELECT value FROM counter") == 60
    for store in stores:
        await store.close()


async def test_readers_do_not_wait_for_the_writer(store: Store) -> None:
    async with holding(store.write, deleting):
        assert await ids(SqlAnswers(store)) == []


async def test_a_read_transaction_sees_one_state(store: Store) -> None:
    seen: list[object] = []

    def count(connection: Connection) -> None:
        seen.append(connection.scalar(text("SELECT count(*) FROM answers")))

    await record(SqlTranscript(store), given("ans_1"))
    async with holding(store.read, count, count):
        await record(SqlTranscript(store), given("ans_2"))
    await store.read(count)
    assert seen == [1, 1, 2]


async def test_a_read_transaction_cannot_write(store: Store) -> None:
    with pytest.raises(StorageReadOnly):
        await store.read(deleting)


async def test_an_error_rolls_back_all_of_the_transaction(store: Store) -> None:
    def fail_after_a_delete(connection: Connection) -> None:
        deleting(connection)
        raise LookupError

    await record(SqlTranscript(store), BARE)
    with pytest.raises(LookupError):
        await store.write(fail_after_a_delete)
    assert await SqlAnswers(store).answers(ANNA) == (BARE,)


async def test_a_broken_constraint_is_not_taken_for_a_storage_error(store: Store) -> None:
    with pytest.raises(IntegrityError):
        await execute(store, "INSERT INTO answers (answer_id) VALUES ('x')")


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
    with closing(sqlite3.connect(crashed / file.name)) as crash:
        rows = crash.execute("SELECT answer_id FROM answers").fetchall()
    assert rows == [("ans_bare",)]


@pytest.mark.parametrize(("synchronous", "level"), [("NORMAL", 1), ("FULL", 2)])
async def test_the_writer_is_set_up(file: Path, synchronous: Synchronous, level: int) -> None:
    store = Store(file, synchronous=synchronous, busy_timeout=1.5)
    await store.open()
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")

    def read(connection: Connection) -> list[object]:
        return [connection.scalar(text(f"PRAGMA {pragma}")) for pragma in pragmas]

    assert await store.write(read) == ["wal", level, 1, 1500]
    await store.close()
