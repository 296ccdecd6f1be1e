"""Cancellation of costly work when the client closes its connection before the answer.

By default a server continues with a request that nobody waits for, so a route with costly work
stops it here.
"""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager

from starlette.types import Receive


@contextmanager
def on_departure(receive: Receive, stop: Callable[[], object]) -> Generator[None]:
    """Call `stop` at the end of the connection while inside. The body has been read before."""
    listening = asyncio.create_task(_await_disconnect(receive, stop))
    try:
        yield
    finally:
        listening.cancel()


async def _await_disconnect(receive: Receive, stop: Callable[[], object]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stop()
