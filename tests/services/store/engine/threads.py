"""The threads of database connections: one each, which must end with its connection."""

import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio.to_thread


@asynccontextmanager
async def no_thread_left() -> AsyncGenerator[None]:
    """Fail when a connection that was made inside is not gone a while after."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        if "connection_worker" in thread.name:
            # The last thing a thread does is to tell that it is done, so it may still be there.
            await anyio.to_thread.run_sync(thread.join, 2)
            assert not thread.is_alive()
