"""The check that something can be stored now: on the disk of the data, and in the store.

Reading goes on when a disk is full or was mounted read-only, so a server looks sound until the next
question. The only proof is to write.

Promises: each place is written at most once in a few seconds, also where many ask and some
leave before the answer; a disk that does not answer is a fault, and a check waits two seconds for it. Leaves to
others: how to write without a trace (`WriteProbe`), and what a fault means for the server.
"""

from collections.abc import Sequence
from typing import Protocol

import anyio

from use_cases.kernel.errors import CandorError, StorageBusy
from use_cases.kernel.ports import Clock

CHECKED_EVERY = 5.0
"""Seconds. Balancers ask every server every few seconds, and a full disk is noticed soon enough."""
PATIENCE = 2.0
"""Seconds, for each place."""


class WriteProbe(Protocol):
    """A place where data is kept."""

    async def try_write(self) -> None:
        """Writes something small and removes it. Raises the errors of storage."""
        ...


class CheckStorage:
    """The use case that checks whether data can be stored."""

    def __init__(self, *, places: Sequence[WriteProbe], clock: Clock) -> None:
        self._places = places
        self._clock = clock
        self._one = anyio.Lock()
        self._checked: float | None = None
        self._fault: CandorError | None = None

    async def fault(self) -> CandorError | None:
        """Returns why nothing can be stored; None where it can."""
        async with self._one:
            now = self._clock.monotonic()
            if self._checked is None or now - self._checked >= CHECKED_EVERY:
                self._fault = await self._look()
                self._checked = now
        return self._fault

    async def _look(self) -> CandorError | None:
        for place in self._places:
            try:
                with anyio.fail_after(PATIENCE):
                    await place.try_write()
            except CandorError as error:
                return error
            except TimeoutError:
                return StorageBusy(f"The disk did not answer within {PATIENCE:g} seconds.")
        return None
