"""First come, first served; a turn that ends, for any reason, makes room."""

import asyncio

import anyio
import pytest

from services.models.offline.model import TurnLimiter

pytestmark = pytest.mark.anyio


class Runs:
    """Runs that take a place, and give it back when they are ended."""

    def __init__(self, at_once: int) -> None:
        self.limiter = TurnLimiter(at_once)
        self.began: list[int] = []
        self.ends: list[asyncio.Event] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def begin(self, number: int) -> None:
        for _ in range(number):
            self.ends.append(asyncio.Event())
            self.tasks.append(asyncio.create_task(self._run(len(self.tasks))))
        await anyio.wait_all_tasks_blocked()

    async def end(self, place: int) -> None:
        self.ends[place].set()
        await anyio.wait_all_tasks_blocked()

    async def _run(self, place: int) -> None:
        await self.limiter.take()
        await self.limiter.take()  # a second search of the same turn
        self.began.append(place)
        await self.ends[place].wait()
        self.limiter.give_back()
        self.limiter.give_back()


async def test_so_many_at_once_in_the_order_in_which_they_came() -> None:
    runs = Runs(2)
    await runs.begin(5)
    assert runs.began == [0, 1]
    await runs.end(1)
    assert runs.began == [0, 1, 2]
    for place in (0, 2, 3, 4):
        await runs.end(place)
    assert runs.began == [0, 1, 2, 3, 4]


async def test_a_run_that_is_stopped_makes_room_wherever_it_was() -> None:
    runs = Runs(1)
    await runs.begin(4)
    runs.tasks[2].cancel()  # waits
    runs.tasks[0].cancel()  # runs
    await asyncio.wait([runs.tasks[0], runs.tasks[2]])
    await anyio.wait_all_tasks_blocked()
    assert runs.began == [0, 1]
    await runs.end(1)
    await runs.end(3)
    assert runs.began == [0, 1, 3]
    await runs.begin(1)
    assert runs.began[-1] == 4
    await runs.end(4)
