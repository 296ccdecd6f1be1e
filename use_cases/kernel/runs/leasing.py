"""The leases of this process in the database: all processes see them; they are renewed while it lives.

A chat is held while a turn runs in it. A lock would stay when its process is killed; a lease ends by
itself, a few seconds after the last renewal.

Promises: a lease is renewed until it is dropped, at one small write a second for all of them; within
half a second the holder notices that its lease was cancelled or is gone, as another process may wish
or as happens to a process that stood still for too long. Leaves to others: taking a lease, which
belongs into the transaction of what it is for.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextvars import Context
from datetime import datetime, timedelta
from typing import Protocol

from loguru import logger

from use_cases.kernel.errors import CandorError
from use_cases.kernel.ports import Clock

LEASE = timedelta(seconds=4)
"""For which a lease holds without a renewal: so long a killed process keeps a chat."""
RENEWED_EVERY = timedelta(seconds=1)
LOOKED_AT_EVERY = 0.25
"""Seconds."""


class Leases(Protocol):
    """The leases of running processes, each under the name of the thing that it holds."""

    async def kept(self, lease_ids: Collection[str]) -> Collection[str]:
        """Those that are there and not cancelled."""
        ...

    async def renew(self, lease_ids: Collection[str], until: datetime) -> None:
        """Hold them until then; nothing for those that are gone."""
        ...

    async def cancel(self, name: str, now: datetime) -> bool:
        """Ask the process that holds this name to stop; false where none does."""
        ...

    async def release(self, lease_id: str) -> None:
        """Let go; nothing for one that is gone."""
        ...


class LeaseKeeper:
    """Renews the leases of this process."""

    def __init__(self, *, leases: Leases, clock: Clock) -> None:
        self._leases = leases
        self._clock = clock
        self._held: dict[str, Callable[[], object]] = {}
        self._renewed = clock.now()
        self._watching: asyncio.Task[None] | None = None

    def until(self) -> datetime:
        """Until when a lease holds that is taken now."""
        return self._clock.now() + LEASE

    def keep(self, lease_id: str, lost: Callable[[], object]) -> None:
        """Renew this lease, which was just taken; `lost` is called when it is cancelled or gone."""
        self._held[lease_id] = lost
        if self._watching is None:
            self._renewed = self._clock.now()
            # Without the context of the request that happens to be the first.
            self._watching = asyncio.create_task(self._watch(), context=Context())

    def keeps(self, lease_id: str) -> bool:
        """True while it is renewed."""
        return lease_id in self._held

    def drop(self, lease_id: str) -> None:
        """Renew it no longer: it was let go."""
        self._held.pop(lease_id, None)
        if not self._held and self._watching is not None:
            self._watching.cancel()
            self._watching = None

    async def release(
        self, lease_id: str, otherwise: Callable[[], Awaitable[object]] | None = None
    ) -> None:
        """Let go of it now, or do what lets go of it `otherwise`. One that cannot be let go ends by
        itself.
        """
        self.drop(lease_id)
        try:
            await (self._leases.release(lease_id) if otherwise is None else otherwise())
        except CandorError as error:
            logger.warning("the lease {} ends by itself: {}", lease_id, error.detail)

    async def cancel(self, name: str) -> bool:
        """Ask whichever process holds this name to stop; false where none does."""
        return await self._leases.cancel(name, self._clock.now())

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOKED_AT_EVERY)
            try:
                await self._look()
            except CandorError as error:
                logger.warning("leases are not renewed: {}: {}", error.code, error.detail)
            except Exception:  # noqa: BLE001  (an end of this task would end every lease)
                logger.exception("leases are not renewed")

    async def _look(self) -> None:
        held = tuple(self._held)
        if self._clock.now() - self._renewed >= RENEWED_EVERY:
            await self._leases.renew(held, self.until())
            self._renewed = self._clock.now()
        kept = await self._leases.kept(held)
        for lease_id in held:
            if lease_id not in kept and (lost := self._held.pop(lease_id, None)):
                lost()
