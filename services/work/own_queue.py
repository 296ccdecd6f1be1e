"""Port `WorkQueue` within one process: what is put here is done here.

Other processes on the database find what is due by its rows, as this one does.
"""

from collections.abc import Collection, Sequence

import anyio
from anyio.abc import TaskGroup

from use_cases.kernel.jobs.orders import Bench, Order, Task


class OwnQueue:
    """A queue in memory."""

    def __init__(self) -> None:
        self._waiting: dict[Order, None] = {}
        self._called = anyio.Event()

    async def put(self, order: Order) -> None:
        """Lets this process do it, after one that is in hand."""
        self._waiting[order] = None
        self._called.set()

    async def work(
        self, tasks: Sequence[Task], *, at_once: int, queues: Collection[str] | None = None
    ) -> None:
        """Does orders until it is cancelled."""
        tasks = [task for task in tasks if queues is None or task.queue in queues]
        bench = Bench(tasks, at_once)
        async with anyio.create_task_group() as group:
            for every in {task.every for task in tasks}:
                group.start_soon(self._look, bench, every)
            while True:
                self._begin(bench, group)
                await self._called.wait()
                self._called = anyio.Event()

    def _begin(self, bench: Bench, group: TaskGroup) -> None:
        for order in [each for each in self._waiting if bench.takes(each)]:
            if order not in bench.in_hand:
                del self._waiting[order]
                group.start_soon(self._do, bench, order)

    async def _do(self, bench: Bench, order: Order) -> None:
        await bench.do(order)
        self._called.set()

    async def _look(self, bench: Bench, every: float) -> None:
        while True:
            for order in await bench.due(every):
                if order not in bench.in_hand:
                    await self.put(order)
            await anyio.sleep(every)
