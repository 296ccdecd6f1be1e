"""The turns that are being answered: one at a time in a chat, each can be stopped; and their leases.

Two frontends that send into one chat at once do not interleave: the second waits a moment, so
that a person who stops an answer and asks the next question at once gets no error; then it is
refused. This holds for all processes on one database: a turn holds its chat by a lease, which its
question takes and its answer ends (see `use_cases.chat.ports.Transcript`). A lock would stay when its
process is killed; a lease ends by itself, a few seconds after the last renewal.

Promises: a lease is renewed until it is dropped, at one small write a second for all of them; within
half a second the holder notices that its lease was cancelled or is gone, as another process may wish
or as happens to a process that stood still for too long. Leaves to others: taking a lease, which
belongs into the transaction of what it is for.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress
from contextvars import Context
from datetime import datetime, timedelta
from typing import Protocol

from loguru import logger
from pydantic_ai import CancellationToken

from use_cases.kernel.errors import CandorError
from use_cases.kernel.ports import Clock
from use_cases.kernel.runs.surroundings import completed

LEASE = timedelta(seconds=4)
"""For which a lease holds without a renewal: so long a killed process keeps a chat."""
RENEWED_EVERY = timedelta(seconds=1)
LOOKED_AT_EVERY = 0.25
"""Seconds."""


class Leases(Protocol):
    """The leases of running processes, each under the name of the thing that it holds."""

    async def kept(self, lease_ids: Collection[str]) -> Collection[str]:
        """Returns the leases that are there and not cancelled."""
        ...

    async def renew(self, lease_ids: Collection[str], until: datetime) -> None:
        """Holds them until then; nothing for those that are gone."""
        ...

    async def cancel(self, name: str, now: datetime) -> bool:
        """Asks the process that holds this name to stop; false where none does."""
        ...

    async def release(self, lease_id: str) -> None:
        """Lets go; nothing for one that is gone."""
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
        """Returns the end of a lease that is taken now."""
        return self._clock.now() + LEASE

    def keep(self, lease_id: str, lost: Callable[[], object]) -> None:
        """Renews this lease, which was just taken; `lost` is called when it is cancelled or gone."""
        self._held[lease_id] = lost
        if self._watching is None:
            self._renewed = self._clock.now()
            # Without the context of the request that happens to be the first.
            self._watching = asyncio.create_task(self._watch(), context=Context())

    def keeps(self, lease_id: str) -> bool:
        """Returns True while it is renewed."""
        return lease_id in self._held

    def drop(self, lease_id: str) -> None:
        """Renews it no longer: it was let go."""
        self._held.pop(lease_id, None)
        if not self._held and self._watching is not None:
            self._watching.cancel()
            self._watching = None

    async def release(
        self, lease_id: str, otherwise: Callable[[], Awaitable[object]] | None = None
    ) -> None:
        """Lets go of it now, or does what lets go of it `otherwise`. One that cannot be let go ends by
        itself.
        """
        self.drop(lease_id)
        try:
            await (self._leases.release(lease_id) if otherwise is None else otherwise())
        except CandorError as error:
            logger.warning("the lease {} ends by itself: {}", lease_id, error.detail)

    async def cancel(self, name: str) -> bool:
        """Asks whichever process holds this name to stop; false where none does."""
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


_LOOK_AGAIN = 0.05
"""Seconds; when another process lets go of a chat is not known."""


class Flight:
    """A turn that is being answered. `token` stops it, `abandon` ends it without an answer."""

    def __init__(self, turn_id: str) -> None:
        self.turn_id = turn_id
        self.token = CancellationToken()
        self.over = asyncio.Event()
        self.abandon: Callable[[], Awaitable[object]] | None = None


class InFlight:
    """All of this process, and a way to those of the others."""

    def __init__(self, leases: LeaseKeeper) -> None:
        self._leases = leases
        self._flights: set[Flight] = set()
        self._turns: dict[str, Flight] = {}

    @asynccontextmanager
    async def turn(self, turn_id: str) -> AsyncGenerator[Flight]:
        """Yields a turn while it lasts; in the end it lets go of its chat."""
        flight = Flight(turn_id)
        self._flights.add(flight)
        try:
            yield flight
        finally:
            if self._leases.keeps(turn_id):  # it failed: an answer that is kept ends the lease
                await self.release(flight)
            for chat_id in [key for key, held in self._turns.items() if held is flight]:
                del self._turns[chat_id]
            self._flights.remove(flight)
            flight.over.set()

    def until(self) -> datetime:
        """Returns the time until which a turn that begins now holds its chat."""
        return self._leases.until()

    def holds(self, flight: Flight, chat_id: str) -> None:
        """Its question is kept, so it holds this chat."""
        self._turns[chat_id] = flight
        self._leases.keep(flight.turn_id, flight.token.cancel)

    def recorded(self, flight: Flight) -> None:
        """Its answer is kept, so it holds no chat any more."""
        self._leases.drop(flight.turn_id)

    async def release(self, flight: Flight) -> None:
        """Lets go of what it holds, or may hold."""
        await completed(self._leases.release(flight.turn_id, flight.abandon))

    async def pause(self, chat_id: str, seconds: float) -> None:
        """Waits until the turn of this chat may be over, at most so long."""
        flight = self._turns.get(chat_id)
        if flight is None:
            await asyncio.sleep(min(_LOOK_AGAIN, seconds))
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await flight.over.wait()

    def cancel(self, chat_id: str) -> bool:
        """Stops the turn of this chat in this process; false when none is being answered here."""
        flight = self._turns.get(chat_id)
        if flight is None:
            return False
        flight.token.cancel()
        return True

    async def stop(self, chat_id: str) -> bool:
        """Stops the turn of this chat in whichever process; false when none is being answered."""
        return self.cancel(chat_id) or await self._leases.cancel(chat_id)

    def cancel_all(self) -> int:
        """Stops every turn of this process; how many there were."""
        for flight in self._flights:
            flight.token.cancel()
        return len(self._flights)

    def __len__(self) -> int:
        return len(self._flights)
