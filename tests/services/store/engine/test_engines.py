"""Whole transactions in the writer's thread: their order, their end, and what cancelling does."""

import threading
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from types import SimpleNamespace

import anyio
import pytest
from sqlalchemy import Connection, text

from services.store.store import Store
from tests.patience import PATIENCE
from tests.services.store.held import Held
from use_cases.kernel.errors import StorageBusy

pytestmark = pytest.mark.anyio


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    store = Store(tmp_path / "candor.sqlite", busy_timeout=5.0)
    await store.open()
    yield store
    await store.close()


def adding(name: str) -> Callable[[Connection], None]:
    def work(connection: Connection) -> None:
        user = {"name": name, "now": "2026-03-14"}
        connection.execute(
            text("INSERT INTO users (user_id, created_at) VALUES (:name, :now)"), user
        )

    return work


async def users(store: Store) -> list[str]:
    def work(connection: Connection) -> list[str]:
        return list(connection.scalars(text("SELECT user_id FROM users ORDER BY rowid")))

    return await store.read(work)


async def test_writers_take_their_turns_in_order(store: Store) -> None:
    first = Held(adding("first"))
    async with anyio.create_task_group() as group:
        group.start_soon(store.write, first)
        await first.begun()
        for name in ("second", "third", "fourth"):
            group.start_soon(store.write, adding(name))
            await anyio.wait_all_tasks_blocked()
        assert await users(store) == []
        first.let_go()
    assert await users(store) == ["first", "second", "third", "fourth"]


async def test_whoever_is_cancelled_in_the_queue_writes_nothing(store: Store) -> None:
    first = Held(adding("first"))
    async with anyio.create_task_group() as group:
        group.start_soon(store.write, first)
        await first.begun()
        with anyio.CancelScope() as queued:
            async with anyio.create_task_group() as others:
                others.start_soon(store.write, adding("second"))
                await anyio.wait_all_tasks_blocked()
                queued.cancel()
        first.let_go()
    await store.write(adding("third"))
    assert await users(store) == ["first", "third"]


async def test_a_transaction_that_has_begun_comes_to_its_end(store: Store) -> None:
    first = Held(adding("first"))
    async with anyio.create_task_group() as group:
        group.start_soon(store.write, first)
        await first.begun()
        group.cancel_scope.cancel()
        first.let_go()
    assert await users(store) == ["first"]


class HeldReading:
    """A read transaction that stays open until it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self._go = threading.Event()

    def __call__(self, _connection: Connection) -> None:
        self.begun.release()
        assert self._go.wait(PATIENCE)

    def let_go(self) -> None:
        self._go.set()


async def test_readers_go_from_one_transaction_to_the_next_without_the_event_loop(
    store: Store,
) -> None:
    first, second = HeldReading(), HeldReading()
    async with anyio.create_task_group() as group:
        for work in (*[first] * 4, *[second] * 4):
            group.start_soon(store.read, work)
            await anyio.wait_all_tasks_blocked()
        # The event loop stands still meanwhile.
        assert all(first.begun.acquire(timeout=PATIENCE) for _ in range(4))
        assert not second.begun.acquire(blocking=False)
        first.let_go()
        assert all(second.begun.acquire(timeout=PATIENCE) for _ in range(4))
        second.let_go()


async def test_whoever_is_cancelled_in_the_queue_reads_nothing(store: Store) -> None:
    first, second = HeldReading(), HeldReading()
    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(store.read, first)
        await anyio.wait_all_tasks_blocked()
        with anyio.CancelScope() as queued:
            async with anyio.create_task_group() as others:
                others.start_soon(store.read, second)
                await anyio.wait_all_tasks_blocked()
                queued.cancel()
        first.let_go()
    assert not second.begun.acquire(blocking=False)


async def test_nobody_queues_for_longer_than_the_timeout(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter([0.0, 0.0, 1.0, 9.0])  # asked, begun; asked, and begun too late
    monkeypatch.setattr(
        "services.store.engine.engines.time", SimpleNamespace(monotonic=lambda: next(moments))
    )
    await store.write(adding("first"))
    with pytest.raises(StorageBusy):
        await store.write(adding("second"))
    assert await users(store) == ["first"]
