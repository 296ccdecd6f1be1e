"""A fair limiter of concurrent queries: callers take turns.

Promises: a free slot goes to the waiting caller with the fewest running queries; among equals, to
the one whose last turn was longest ago. Queries of one caller keep their order. A caller holds at
most all slots but one, so another caller's first query begins at once. No query waits while a slot
is free for it. Leaves to others: what a query may do.
"""

from collections import Counter, deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio

from use_cases.kernel.errors import TooManyQueries

SERVER = ""
"""The caller of the server's own queries; any number of them may wait."""


class FairLimiter:
    """A limiter of `slots` queries. At most `most` of one caller run or wait; 0 is no limit."""

    def __init__(self, slots: int, *, most: int = 0, retry_after: float) -> None:
        self._free = slots
        self._most_running = max(1, slots - 1)
        self._most = most
        self._retry_after = retry_after
        self._running: Counter[str] = Counter()
        self._waiting: dict[str, deque[anyio.Event]] = {}
        """The waiting callers in the order of their turns."""

    @asynccontextmanager
    async def slot(self, caller: str) -> AsyncGenerator[None]:
        """Holds a slot inside the context. Raises `TooManyQueries`."""
        await self._acquire(caller)
        try:
            yield
        finally:
            self._release(caller)

    async def _acquire(self, caller: str) -> None:
        queue = self._waiting.get(caller, deque())
        held = self._running[caller] + len(queue)
        if self._most and caller != SERVER and held >= self._most:
            raise TooManyQueries(
                f"Running or waiting queries of this caller: {held}.",
                retry_after=self._retry_after,
            )
        turn = anyio.Event()
        queue.append(turn)
        self._waiting[caller] = queue
        self._assign_slots()
        try:
            await turn.wait()
        except BaseException:
            if turn.is_set():  # it was cancelled at the moment when its turn came
                self._release(caller)
            else:
                queue.remove(turn)
                if not queue:
                    del self._waiting[caller]
            raise

    def _release(self, caller: str) -> None:
        self._free += 1
        self._running[caller] -= 1
        if not self._running[caller]:
            del self._running[caller]
        self._assign_slots()

    def _assign_slots(self) -> None:
        """Gives each free slot to the caller whose turn it is."""
        while self._free:
            eligible = [one for one in self._waiting if self._running[one] < self._most_running]
            if not eligible:
                return
            caller = min(eligible, key=self._running.__getitem__)  # the first of equals
            queue = self._waiting.pop(caller)
            queue.popleft().set()
            if queue:
                self._waiting[caller] = queue  # behind the others
            self._running[caller] += 1
            self._free -= 1
