"""The turns that are being answered: one at a time in a chat, each can be stopped.

Two frontends that send into one chat at once do not interleave: the second waits a moment, so
that a person who stops an answer and asks the next question at once gets no error; then it is
refused. This holds for all processes on one database: a turn holds its chat
by a lease, which its question takes and its answer ends (see `use_cases.chat.ports.Transcript`).
The turns of this process are known here, too, so that they can be stopped and waited for at once.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime

from pydantic_ai import CancellationToken

from use_cases.kernel.runs.cancellation import completed
from use_cases.kernel.runs.leasing import LeaseKeeper

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
        """A turn while it lasts; in the end it lets go of its chat."""
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
        """Until when a turn holds its chat that begins now."""
        return self._leases.until()

    def holds(self, flight: Flight, chat_id: str) -> None:
        """Its question is kept, so it holds this chat."""
        self._turns[chat_id] = flight
        self._leases.keep(flight.turn_id, flight.token.cancel)

    def recorded(self, flight: Flight) -> None:
        """Its answer is kept, so it holds no chat any more."""
        self._leases.drop(flight.turn_id)

    async def release(self, flight: Flight) -> None:
        """Let go of what it holds, or may hold."""
        await completed(self._leases.release(flight.turn_id, flight.abandon))

    async def pause(self, chat_id: str, seconds: float) -> None:
        """Wait until the turn of this chat may be over, at most so long."""
        flight = self._turns.get(chat_id)
        if flight is None:
            await asyncio.sleep(min(_LOOK_AGAIN, seconds))
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await flight.over.wait()

    def cancel(self, chat_id: str) -> bool:
        """Stop the turn of this chat in this process; false when none is being answered here."""
        flight = self._turns.get(chat_id)
        if flight is None:
            return False
        flight.token.cancel()
        return True

    async def stop(self, chat_id: str) -> bool:
        """Stop the turn of this chat in whichever process; false when none is being answered."""
        return self.cancel(chat_id) or await self._leases.cancel(chat_id)

    def cancel_all(self) -> int:
        """Stop every turn of this process; how many there were."""
        for flight in self._flights:
            flight.token.cancel()
        return len(self._flights)

    def __len__(self) -> int:
        return len(self._flights)
