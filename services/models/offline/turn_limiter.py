"""A limiter of concurrent offline answers: first come, first served.

An answer takes this machine's processor. A hundred computed together all end late, the first no
earlier than the last; one after the other, the first ends at once and none ends later. Promises: a
run that has begun keeps its place until its answer is computed or the run ends for any reason;
waiting takes no thread. Sending the answer, perhaps to a slow reader, is not limited.
"""

import asyncio
from typing import Any, TypeAlias

Task: TypeAlias = asyncio.Task[Any]


class TurnLimiter:
    """A semaphore of `at_once` places, each held by the task of a run."""

    def __init__(self, at_once: int) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._holding: set[Task] = set()

    async def take(self) -> None:
        """Wait for a place, unless this run has one already."""
        task = asyncio.current_task()
        if task is None or task in self._holding:
            return
        await self._places.acquire()
        self._holding.add(task)
        task.add_done_callback(self._release)

    def give_back(self) -> None:
        """Release this run's place, if it has one."""
        if (task := asyncio.current_task()) is not None:
            self._release(task)

    def _release(self, task: Task) -> None:
        if task in self._holding:
            self._holding.remove(task)
            self._places.release()
