"""Attempts of one call of a model: whether it is tried again, and after which pause.

Promises: a rate limit is waited for, as long as the provider asks, and counts as no failure; what
lasts (a wrong key, a used-up quota, a filtered prompt) is not tried again; pauses double.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from use_cases.kernel.errors import (
    CandorError,
    ContentFiltered,
    ModelKeyRejected,
    ModelQuotaExceeded,
    RateLimited,
    UpstreamFailed,
    UpstreamTimeout,
)

_LONGEST_WAIT = 600.0
"""Seconds for which a rate limit is waited for, in all."""
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
_DOUBLINGS = 5
_LASTING = (ModelKeyRejected, ModelQuotaExceeded, ContentFiltered)

Result = TypeVar("Result")
Pause: TypeAlias = Callable[[float], Awaitable[object]]
"""Waits so many seconds."""


@dataclass(slots=True)
class Attempts:
    """The attempts of one call. `count` has those that were made, also where the last one failed."""

    count: int = 0
    failed: int = 0
    waited: float = 0.0

    async def call(
        self, work: Callable[[], Awaitable[Result]], *, retries: int, pause: Pause = asyncio.sleep
    ) -> Result:
        """Return what `work` returns, after pauses where it fails. Raises its last `CandorError`."""
        while True:
            self.count += 1
            try:
                return await work()
            except CandorError as error:
                seconds = self._pause_after(error, retries)
                if seconds is None:
                    raise
            await pause(seconds)

    def _pause_after(self, error: CandorError, retries: int) -> float | None:
        """Return the seconds to wait before the next attempt; None where there is none."""
        if isinstance(error, _LASTING):
            return None
        if isinstance(error, RateLimited):
            seconds = self._seconds(error.retry_after)
            self.waited += seconds
            return seconds if self.waited <= _LONGEST_WAIT else None
        if not isinstance(error, UpstreamFailed | UpstreamTimeout) or self.failed >= retries:
            return None
        self.failed += 1
        return self._seconds(error.retry_after)

    def _seconds(self, asked: float | None) -> float:
        """As long as the provider asks for, else longer each time."""
        if asked:
            return max(asked, _FIRST_PAUSE)
        return min(_FIRST_PAUSE * 2 ** min(self.count - 1, _DOUBLINGS), _LONGEST_PAUSE)
