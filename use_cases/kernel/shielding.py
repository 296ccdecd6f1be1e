"""Work that must come to its end though whoever asked for it is being cancelled."""

from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager
from typing import TypeVar

import anyio

Result = TypeVar("Result")
Item = TypeVar("Item")


async def shielded(work: Awaitable[Result]) -> Result:
    """The result of `work`, which no cancellation interrupts. Keep it short."""
    results: list[Result] = []
    with anyio.CancelScope(shield=True):
        results.append(await work)
    return results[0]


@asynccontextmanager
async def closing(stream: AsyncGenerator[Item]) -> AsyncGenerator[AsyncGenerator[Item]]:
    """Read a stream, and close it in the end, in this task and to the end of its clean-up.

    Without it a stream that is left early is closed by the garbage collector, later and in another
    task; and a cancelled reader could not wait for what the stream still has to record.
    """
    try:
        yield stream
    finally:
        await shielded(stream.aclose())
