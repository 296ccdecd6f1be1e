"""Stops the work of a request when its client closes the connection.

A server by itself goes on with such a request. A route that does costly work says here how it stops.
"""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager

from starlette.types import Receive


@contextmanager
def on_departure(receive: Receive, stop: Callable[[], object]) -> Generator[None]:
    """While inside, the end of the connection calls `stop`. The body has been read before."""
    listening = asyncio.create_task(_departure(receive, stop))
    try:
        yield
    finally:
        listening.cancel()


async def _departure(receive: Receive, stop: Callable[[], object]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stop()
