"""What happens when a client closes its connection before it has its answer.

Nothing by itself: a server goes on with a request that nobody waits for. A route that does costly
work says here how it stops.
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
