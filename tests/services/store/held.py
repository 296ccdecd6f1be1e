"""A transaction that stays open for as long as a test needs it."""

import threading
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager

import anyio
import anyio.to_thread
from sqlalchemy import Connection

from tests.patience import PATIENCE

Work = Callable[[Connection], object]


class Held:
    """Runs `work` when it begins, and `last` when it is let go."""

    def __init__(self, work: Work | None = None, last: Work | None = None) -> None:
        self._work = work
        self._last = last
        self._begun = threading.Event()
        self._go = threading.Event()

    def __call__(self, connection: Connection) -> None:
        if self._work is not None:
            self._work(connection)
        self._begun.set()
        assert self._go.wait(PATIENCE)
        if self._last is not None:
            self._last(connection)

    async def begun(self) -> None:
        """Wait until the work is done."""
        await anyio.to_thread.run_sync(self._begun.wait, PATIENCE)

    def let_go(self) -> None:
        """End it."""
        self._go.set()


@asynccontextmanager
async def holding(
    transaction: Callable[[Held], Coroutine[object, object, None]],
    work: Work | None = None,
    last: Work | None = None,
) -> AsyncGenerator[None]:
    """Inside, `store.read` or `store.write` is in a transaction that has done `work`."""
    held = Held(work, last)
    async with anyio.create_task_group() as group:
        group.start_soon(transaction, held)
        await held.begun()
        try:
            yield
        finally:
            held.let_go()
