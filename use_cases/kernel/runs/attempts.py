"""Attempts of one call of a model: whether it is tried again, and after which pause; and its requests.

Promises: one layer of retries: within `Attempts` the SDKs make none; a rate limit is waited for, as long as
the provider asks, and counts as no failure; once one call has waited in vain, others that share its `Patience`
do not; what lasts (a wrong key, a used-up quota, a filtered prompt) is not tried again; pauses double.
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from loguru import logger

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
class Requests:
    """The requests to providers that were sent in a part of a run; `retried`: SDKs may repeat one."""

    retried: bool
    count: int = 0


_REQUESTS: ContextVar[Requests | None] = ContextVar("requests", default=None)


@contextmanager
def counted_requests(*, retried: bool) -> Generator[Requests]:
    """Count what is sent within, in this task and those that it starts."""
    token = _REQUESTS.set(found := Requests(retried))
    try:
        yield found
    finally:
        _REQUESTS.reset(token)


def count_request() -> None:
    """Count a request; a provider's client calls this for each one that it sends."""
    if (requests := _REQUESTS.get()) is not None:
        requests.count += 1


def sdk_retries() -> bool:
    """Whether an SDK may repeat a request by itself; not where `Attempts` does."""
    requests = _REQUESTS.get()
    return requests is None or requests.retried


@dataclass(slots=True)
class Patience:
    """The patience of several calls with one provider. It comes back with each answer.

    `begun`: one of them waits. `spent`: one of them has waited for as long as any may.
    """

    begun: bool = False
    spent: bool = False


@dataclass(slots=True)
class Attempts:
    """The attempts of one call. `count` has those that were made, also where the last one failed;
    `requests` those that reached a provider's client.
    """

    count: int = 0
    requests: int = 0
    failed: int = 0
    waited: float = 0.0
    patience: Patience = field(default_factory=Patience)

    async def call(
        self, work: Callable[[], Awaitable[Result]], *, retries: int, pause: Pause = asyncio.sleep
    ) -> Result:
        """Return what `work` returns, after pauses where it fails. Raises its last `CandorError`."""
        while True:
            self.count += 1
            with counted_requests(retried=False) as sent:
                try:
                    result = await work()
                except CandorError as error:
                    seconds = self._pause_after(error, retries)
                    if seconds is None:
                        raise
                else:
                    self.patience.begun = self.patience.spent = False
                    return result
                finally:
                    self.requests += sent.count
            await pause(seconds)

    @property
    def calls(self) -> int:
        """The calls as the provider counts them; of a model without a provider, the attempts."""
        return self.requests or self.count

    def _pause_after(self, error: CandorError, retries: int) -> float | None:
        """Return the seconds to wait before the next attempt; None where there is none."""
        if isinstance(error, _LASTING):
            return None
        if isinstance(error, RateLimited):
            seconds = self._seconds(error.retry_after)
            self.waited += seconds
            if self.waited > _LONGEST_WAIT or self.patience.spent:
                self.patience.spent = True
                return None
            if not self.patience.begun:
                self.patience.begun = True
                logger.warning("{} Waiting for it, 10 minutes at most.", error.detail)
            return seconds
        if not isinstance(error, UpstreamFailed | UpstreamTimeout) or self.failed >= retries:
            return None
        self.failed += 1
        return self._seconds(error.retry_after)

    def _seconds(self, asked: float | None) -> float:
        """As long as the provider asks for, else longer each time."""
        if asked:
            return max(asked, _FIRST_PAUSE)
        return min(_FIRST_PAUSE * 2 ** min(self.count - 1, _DOUBLINGS), _LONGEST_PAUSE)
