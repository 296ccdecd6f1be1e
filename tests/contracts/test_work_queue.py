"""The queue of work beside the requests, within a process and on PostgreSQL.

What is due by the rows is done, a failure is said once and ends nothing, and no process does an order twice
at a time.
"""

from collections.abc import Awaitable, Callable, Iterator

import anyio
import pytest
from anyio.lowlevel import checkpoint
from loguru import logger

from services.work.own_queue import OwnQueue
from tests.patience import PATIENCE
from use_cases.kernel.errors import UpstreamFailed
from use_cases.kernel.jobs.orders import Order, Task, WorkQueue, chore

pytestmark = pytest.mark.anyio

NEVER = 10_000.0
"""Seconds."""


def runs(queue: str, run: Callable[[Order], Awaitable[None]], *due: Order, every: float) -> Task:
    async def at_once() -> list[Order]:
        return list(due)

    return Task(
        queue=queue,
        complaint="broken",
        every=every,
        due=at_once,
        run=run,
        shared=True,
        bounded=True,
    )


class WorkQueueContract:
    """The suite."""

    @pytest.fixture
    def log(self) -> Iterator[list[str]]:
        lines = list[str]()
        sink = logger.add(lambda line: lines.append(str(line)), format="{message}")
        yield lines
        logger.remove(sink)

    async def test_what_is_put_and_what_is_due_is_done(self, queue: WorkQueue) -> None:
        done = list[str]()
        over = anyio.Event()

        async def run(order: Order) -> None:
            done.append(order.run_id)
            if {"due", "put"} <= set(done):
                over.set()

        due, put = Order("evaluation", "anna", "due"), Order("evaluation", "anna", "put")
        tasks = [runs("evaluation", run, due, every=NEVER)]
        await queue.put(put)
        await until(queue, tasks, over)

    async def test_a_failure_is_said_once_and_ends_nothing(
        self, queue: WorkQueue, log: list[str]
    ) -> None:
        tries = 0
        over = anyio.Event()

        async def work() -> None:
            nonlocal tries
            tries += 1
            if tries > 3:
                over.set()
            if tries > 2:
                raise ZeroDivisionError("a mistake")
            raise UpstreamFailed("Broken.")

        await until(queue, [chore("vectors", 0.2, work, "not indexed")], over)
        said = [line for line in log if line.startswith("not indexed")]
        assert said[0] == "not indexed: upstream_failed: Broken.\n"
        assert "a mistake" in said[1]

    async def test_an_order_is_done_once_at_a_time_and_so_many_at_once(
        self, queue: WorkQueue
    ) -> None:
        in_hand, most = list[str](), 0
        begun = set[str]()
        over = anyio.Event()

        async def run(order: Order) -> None:
            nonlocal most
            assert order.run_id not in in_hand
            in_hand.append(order.run_id)
            begun.add(order.run_id)
            most = max(most, len(in_hand))
            await anyio.sleep(0.05)
            in_hand.remove(order.run_id)
            if len(begun) == len(due):
                over.set()

        due = [Order("evaluation", "anna", f"run_{number}") for number in range(4)]
        await until(queue, [runs("evaluation", run, *due, every=0.2)], over)
        assert most <= 2

    async def test_one_that_is_cancelled_cancels_what_it_does(self, queue: WorkQueue) -> None:
        begun, cancelled = anyio.Event(), anyio.Event()

        async def run(_order: Order) -> None:
            begun.set()
            try:
                await anyio.sleep_forever()
            finally:
                cancelled.set()

        await until(queue, [runs("evaluation", run, Order("evaluation"), every=NEVER)], begun)
        assert cancelled.is_set()

    async def test_only_the_named_queues_are_taken_from(self, queue: WorkQueue) -> None:
        done = list[str]()
        over = anyio.Event()

        async def run(order: Order) -> None:
            done.append(order.queue)
            over.set()

        tasks = [
            runs(name, run, Order(name, "anna", "run"), every=NEVER)
            for name in ("summary", "evaluation")
        ]
        await until(queue, tasks, over, "evaluation")
        assert done == ["evaluation"]


async def until(queue: WorkQueue, tasks: list[Task], over: anyio.Event, *queues: str) -> None:
    """Works until then."""
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as group:

            async def work() -> None:
                await queue.work(tasks, at_once=2, queues=queues or None)

            group.start_soon(work)
            await over.wait()
            await checkpoint()
            group.cancel_scope.cancel()


class TestOwnQueue(WorkQueueContract):
    @pytest.fixture
    async def queue(self) -> WorkQueue:
        return OwnQueue()
