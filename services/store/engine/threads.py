"""Whole transactions in a thread: one way there and back, however many statements.

A transaction that is awaited statement by statement gives the event loop a turn after each, and
keeps the one writer's place meanwhile: with many chats at once every writer then waits for what all
the others have to do besides. For the same reason readers and writers queue for threads, which go
from one transaction to the next by themselves, and not for a lock or a limiter that the event loop
hands on.
"""

import asyncio
import contextvars
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import anyio
import sqlalchemy as sa
from anyio import to_thread

from services.store.engine.access import Result


class Threads:
    """Connections that are used from threads only: one that writes, `most` that read.

    `patience` is how many seconds a writer may queue.
    """

    def __init__(self, writer: sa.Engine, reader: sa.Engine, *, most: int, patience: float) -> None:
        self._writer = writer
        self._reader = reader
        self._patience = patience
        self._writing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store-writer")
        self._reading = ThreadPoolExecutor(max_workers=most, thread_name_prefix="store-reader")

    async def write(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Runs it in a write transaction: commits at the end, rolls back on an error.

        Raises `TimeoutError` when others wrote for too long before it. A caller that is cancelled in the
        queue writes nothing; later, the transaction comes to its end first.
        """
        latest = time.monotonic() + self._patience

        def run() -> Result:
            if time.monotonic() > latest:
                raise TimeoutError
            with self._writer.begin() as connection:
                return work(connection)

        return await _ended(self._writing.submit(contextvars.copy_context().run, run))

    async def read(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Runs it in a read transaction. A caller that is cancelled in the queue reads nothing; later,
        the transaction comes to its end first.
        """

        def run() -> Result:
            with self._reader.connect() as connection:
                return work(connection)

        return await _ended(self._reading.submit(contextvars.copy_context().run, run))

    async def dispose(self) -> None:
        """Closes every connection."""
        await to_thread.run_sync(self._writing.shutdown)
        await to_thread.run_sync(self._reading.shutdown)
        await to_thread.run_sync(self._reader.dispose)
        await to_thread.run_sync(self._writer.dispose)


async def _ended(running: Future[Result]) -> Result:
    """Returns its result once it is over, also when a caller is cancelled meanwhile."""
    over = asyncio.wrap_future(running)
    try:
        return await asyncio.shield(over)
    except asyncio.CancelledError:
        if not running.cancel():
            with anyio.CancelScope(shield=True):
                await asyncio.wait([over])
        raise
