"""Starts runs, and answers with their stream or with their result; a client that leaves ends costly work.

By default a server continues with a request that nobody waits for, so a route with costly work
stops it here.

Promises: an error before the first event comes out of `started`, so that it becomes a problem with
a status of its own; a stream that is not handed on is closed; a client that hangs up stops its run,
and what was said so far is recorded. Leaves to others: the events as bytes (`backend/stream`), and
what happens once the response has begun.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, TypeVar

import anyio
from starlette.responses import Response
from starlette.types import Receive

from backend.composition.container import Container
from backend.errors import InternalError
from backend.observability.metrics import watched
from backend.stream.response import StreamedResponse
from backend.stream.wire import Wire
from use_cases.kernel.runs.surroundings import closing
from use_cases.kernel.runs.turn import RunBegun


@contextmanager
def on_departure(receive: Receive, stop: Callable[[], object]) -> Generator[None]:
    """Calls `stop` at the end of the connection while inside. The body has been read before."""
    listening = asyncio.create_task(_await_disconnect(receive, stop))
    try:
        yield
    finally:
        listening.cancel()


async def _await_disconnect(receive: Receive, stop: Callable[[], object]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stop()


Event = TypeVar("Event")
First = TypeVar("First", bound=RunBegun)
Last = TypeVar("Last")
Body = TypeVar("Body")

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class StartedRun(Generic[First, Event]):
    """A run whose id is known. `events` are those after the first; their reader closes them."""

    first: First
    events: AsyncGenerator[Event]


async def started(
    candor: Container, stream: AsyncGenerator[Event], begins: type[First]
) -> StartedRun[First, Event]:
    """Returns the run of this stream; raises what the stream raises before its first event."""
    events = watched(stream, candor.metrics.turns)
    first = await anext(events)
    if not isinstance(first, begins):
        await events.aclose()
        raise InternalError(f"The run did not begin with {begins.__name__}.")
    return StartedRun(first, events)


def streamed(
    candor: Container,
    run: StartedRun[First, Event],
    wire: Wire[First | Event],
    *,
    headers: Mapping[str, str] = _NO_HEADERS,
) -> StreamedResponse[First | Event]:
    """Returns the response that streams a run over this wire."""
    seconds = candor.settings.heartbeat_seconds
    return StreamedResponse(run.first, run.events, wire, seconds, headers=headers)


async def answered(
    run: StartedRun[First, Event],
    last: type[Last],
    receive: Receive,
    body: Callable[[Last], Body],
    *,
    stop: Callable[[], object] | None = None,
) -> Body | Response:
    """Returns the body made of the run's last event.

    A client that hangs up stops the run: by `stop`, if the run has a way to come to its end by
    itself; else its stream is closed, and the empty response is never read.
    """
    with anyio.CancelScope() as reading, on_departure(receive, stop or reading.cancel):
        async with closing(run.events) as events:
            async for event in events:
                if isinstance(event, last):
                    return body(event)
        raise InternalError(f"The run did not end with {last.__name__}.")
    return Response()
