"""How many offline answers are made at once: first come, first served.

An answer is made on this machine's processor. A hundred that are made together all end late, and
the first of them no earlier than the last; one after the other, the first ends at once and nobody's
ends later. Promises: a run that has begun keeps its place until its answer is made, or until the
run is over for any reason; waiting takes no thread. How its answer is sent, perhaps to a slow
reader, is not part of it.
"""

import asyncio
from typing import Any, TypeAlias

Task: TypeAlias = asyncio.Task[Any]


class TurnLimiter:
    """So many runs at once. A run is known by its task."""

    def __init__(self, at_once: int) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._holding: set[Task] = set()

    async def take(self) -> None:
        """Wait for a place, unless this run has one."""
        task = asyncio.current_task()
        if task is None or task in self._holding:
            return
        await self._places.acquire()
        self._holding.add(task)
        task.add_done_callback(self._release)

    def give_back(self) -> None:
        """Let the next one begin; nothing for a run without a place."""
        if (task := asyncio.current_task()) is not None:
            self._release(task)

    def _release(self, task: Task) -> None:
        if task in self._holding:
            self._holding.remove(task)
            self._places.release()
