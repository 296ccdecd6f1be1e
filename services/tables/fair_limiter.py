"""Who runs a query next: so many at a time, and callers take turns.

Promises: a slot that becomes free goes to the waiting caller who has the fewest queries running;
among equals, to the one whose last turn was longest ago. Queries of one caller keep their order. A
caller holds all slots but one at most, so that another one's first query begins at once. Nobody
waits while a slot is free that they may have. Leaves what a query may do to others.
"""

from collections import Counter, deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio

from use_cases.kernel.errors import TooManyQueries

OWN = ""
"""The caller of the server's own queries, of which any number may wait."""


class FairLimiter:
    """`slots` at a time. Of one caller `most` may run or wait at once; 0 is no limit."""

    def __init__(self, slots: int, *, most: int = 0, retry_after: float) -> None:
        self._free = slots
        self._most_running = max(1, slots - 1)
        self._most = most
        self._retry_after = retry_after
        self._running: Counter[str] = Counter()
        self._waiting: dict[str, deque[anyio.Event]] = {}
        """Callers in the order of their turns."""

    @asynccontextmanager
    async def slot(self, caller: str) -> AsyncGenerator[None]:
        """Inside, a slot is held. Raises `TooManyQueries`."""
        await self._take(caller)
        try:
            yield
        finally:
            self._give_back(caller)

    async def _take(self, caller: str) -> None:
        queue = self._waiting.get(caller, deque())
        held = self._running[caller] + len(queue)
        if self._most and caller != OWN and held >= self._most:
            raise TooManyQueries(
                f"Running or waiting queries of this caller: {held}.",
                retry_after=self._retry_after,
            )
        turn = anyio.Event()
        queue.append(turn)
        self._waiting[caller] = queue
        self._hand_out()
        try:
            await turn.wait()
        except BaseException:
            if turn.is_set():  # it was stopped at the moment when its turn came
                self._give_back(caller)
            else:
                queue.remove(turn)
                if not queue:
                    del self._waiting[caller]
            raise

    def _give_back(self, caller: str) -> None:
        self._free += 1
        self._running[caller] -= 1
        if not self._running[caller]:
            del self._running[caller]
        self._hand_out()

    def _hand_out(self) -> None:
        """Give each free slot to the one whose turn it is."""
        while self._free:
            entitled = [one for one in self._waiting if self._running[one] < self._most_running]
            if not entitled:
                return
            caller = min(entitled, key=self._running.__getitem__)  # the first of equals
            queue = self._waiting.pop(caller)
            queue.popleft().set()
            if queue:
                self._waiting[caller] = queue  # behind the others
            self._running[caller] += 1
            self._free -= 1
