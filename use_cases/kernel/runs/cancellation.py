"""Work that must come to its end although its caller is being cancelled."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Coroutine
from contextlib import asynccontextmanager
from typing import TypeVar

import anyio

Result = TypeVar("Result")
Item = TypeVar("Item")


async def shielded(work: Awaitable[Result]) -> Result:
    """Returns the result of `work`, which no cancel scope interrupts. Keep it short.

    It is done in this task, so `asyncio.Task.cancel` interrupts it: see `completed`.
    """
    results: list[Result] = []
    with anyio.CancelScope(shield=True):
        results.append(await work)
    return results[0]


async def completed(work: Coroutine[None, None, Result]) -> Result:
    """Returns the result of `work`, which is done in a task of its own and to its end.

    The caller may be cancelled by any means and any number of times: the work is waited for,
    and the cancellation is raised after it. Keep it short.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    with anyio.CancelScope(shield=True):
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError as error:
                cancelled = error
    if cancelled is not None:
        if not task.cancelled():
            task.exception()  # the caller will not ask for it
        raise cancelled
    return task.result()


@asynccontextmanager
async def closing(stream: AsyncGenerator[Item]) -> AsyncGenerator[AsyncGenerator[Item]]:
    """Reads a stream, and closes it in the end, in this task and to the end of its clean-up.

    Without it a stream that is left early is closed by the garbage collector, later and in another
    task; and a cancelled reader could not wait for what the stream still has to record.
    """
    try:
        yield stream
    finally:
        await shielded(stream.aclose())
