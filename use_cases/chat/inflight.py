"""The turns that are being answered in this process: one at a time in a chat, each can be stopped.

Two frontends that send into one chat at once do not interleave: the second is told to wait. It
waits a moment by itself, for whoever stops an answer and asks the next question at once must not
be told that the chat is busy.
"""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager, suppress

from pydantic_ai import CancellationToken

from use_cases.chat.errors import ChatBusy


class Flight:
    """A turn that is being answered. `token` stops it."""

    def __init__(self, turns: dict[str, "Flight"]) -> None:
        self.token = CancellationToken()
        self.over = asyncio.Event()
        self._turns = turns

    def known_as(self, chat_id: str) -> None:
        """Hold this chat too. Raises `ChatBusy` when another turn holds it."""
        if self._turns.setdefault(chat_id, self) is not self:
            raise ChatBusy("An answer is being written in this chat.")


class InFlight:
    """All of them."""

    def __init__(self) -> None:
        self._turns: dict[str, Flight] = {}

    @contextmanager
    def turn(self, *chat_ids: str) -> Generator[Flight]:
        """Hold the chats while a turn lasts. Raises `ChatBusy`."""
        flight = Flight(self._turns)
        try:
            for chat_id in chat_ids:
                flight.known_as(chat_id)
            yield flight
        finally:
            for chat_id in [key for key, held in self._turns.items() if held is flight]:
                del self._turns[chat_id]
            flight.over.set()

    async def waited(self, *chat_ids: str, seconds: float) -> bool:
        """Wait until no turn holds one of these chats, at most so long; False if none did."""
        held = {self._turns[chat_id] for chat_id in chat_ids if chat_id in self._turns}
        if not held:
            return False
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                for flight in held:
                    await flight.over.wait()
        return True

    def cancel(self, chat_id: str) -> bool:
        """Stop the turn of this chat; False when none is being answered."""
        flight = self._turns.get(chat_id)
        if flight is None:
            return False
        flight.token.cancel()
        return True

    def cancel_all(self) -> int:
        """Stop every turn; how many there were."""
        flights = set(self._turns.values())
        for flight in flights:
            flight.token.cancel()
        return len(flights)

    def __len__(self) -> int:
        return len(set(self._turns.values()))
