"""Whole transactions in a thread: one way there and back, however many statements.

A transaction that is awaited statement by statement gives the event loop a turn after each, and
keeps the one writer's place meanwhile: with many chats at once every writer then waits for what all
the others have to do besides.
"""

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from sqlalchemy import Connection, Engine

Result = TypeVar("Result")


class Threads:
    """Connections that are used from threads only; at most `most` at once."""

    def __init__(self, writer: Engine, reader: Engine, *, most: int) -> None:
        self._writer = writer
        self._reader = reader
        self._limiter = CapacityLimiter(most)

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """Run it in a write transaction: commits at the end, rolls back on an error."""

        def run() -> Result:
            with self._writer.begin() as connection:
                return work(connection)

        return await to_thread.run_sync(run, limiter=self._limiter)

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run it in a read transaction."""

        def run() -> Result:
            with self._reader.connect() as connection:
                return work(connection)

        return await to_thread.run_sync(run, limiter=self._limiter)

    async def dispose(self) -> None:
        """Close every connection."""
        await to_thread.run_sync(self._reader.dispose)
        await to_thread.run_sync(self._writer.dispose)
