"""A fair limiter of what runs at once, such as queries or requests: callers take turns.

Promises: a free slot goes to the waiting caller with the fewest running; among equals, to the one
whose last turn was longest ago. What one caller waits for keeps its order. Nothing waits while its
caller may have a free slot. Leaves to others: what a slot is for, and how long one may wait for it.
"""

import os
from collections import Counter, deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio

from use_cases.kernel.errors import RateLimited

SERVER = ""
"""The caller of the server's own work; any amount of it may wait."""


def cores() -> int:
    """Returns how many processor cores this process may use, which bounds what is worth doing at once.

    Where the system does not say, as macOS, these are all of the machine's.
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class FairLimiter:
    """A limiter of `slots`.

    A caller holds at most `each` of them: all but one unless told, so that another caller's first
    begins at once. At most `most` of one caller run or wait, and one more is the `refusal`; 0 is no
    limit.
    """

    def __init__(
        self,
        slots: int,
        *,
        each: int | None = None,
        most: int = 0,
        refusal: type[RateLimited],
        retry_after: float,
    ) -> None:
        self._free = slots
        self._most_running = each or max(1, slots - 1)
        self._most = most
        self._refusal = refusal
        self._retry_after = retry_after
        self._running: Counter[str] = Counter()
        self._waiting: dict[str, deque[anyio.Event]] = {}
        """The waiting callers in the order of their turns."""

    @asynccontextmanager
    async def slot(self, caller: str) -> AsyncGenerator[None]:
        """Holds a slot inside the context. Raises the refusal."""
        await self._acquire(caller)
        try:
            yield
        finally:
            self._release(caller)

    async def _acquire(self, caller: str) -> None:
        queue = self._waiting.get(caller, deque())
        held = self._running[caller] + len(queue)
        if self._most and caller != SERVER and held >= self._most:
            raise self._refusal(
                f"Running or waiting for this caller: {held}.", retry_after=self._retry_after
            )
        if self._free and self._running[caller] < self._most_running:
            self._running[caller] += 1
            self._free -= 1
            return
        turn = anyio.Event()
        queue.append(turn)
        self._waiting[caller] = queue
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
