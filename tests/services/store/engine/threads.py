"""The threads of a store, which must end with it."""

import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio.to_thread


@asynccontextmanager
async def no_thread_left() -> AsyncGenerator[None]:
    """Fail when a thread that was begun inside is not gone a while after."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        if thread.name.startswith("store-"):
            # The last thing a thread does is to tell that it is done, so it may still be there.
            await anyio.to_thread.run_sync(thread.join, 2)
            assert not thread.is_alive()
