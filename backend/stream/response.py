"""The response that streams a run over a wire: a turn of a chat, or advice.

Promises: the events are read, and closed, in the task of the request; a client that leaves stops
them at once, also while the model is silent, and what was said so far is recorded by their owner;
a connection never falls silent for longer than the heartbeat; a slow client slows the model down
instead of filling our memory. Leaves to others: what the frames say (`backend/stream/wire.py`),
and errors before the first event, which are answered with a status.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress
from time import monotonic
from types import MappingProxyType
from typing import Generic, TypeVar

import anyio
from anyio.abc import TaskGroup
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from backend.stream.wire import Wire
from use_cases.kernel.runs.surroundings import closing

Event = TypeVar("Event")

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class StreamedResponse(Response, Generic[Event]):
    """A run on its wire; `first` is the event already read of `events`.

    `headers` are those of this response, beside the wire's own.
    """

    def __init__(
        self,
        first: Event,
        events: AsyncGenerator[Event],
        wire: Wire[Event],
        heartbeat_seconds: float,
        *,
        headers: Mapping[str, str] = _NO_HEADERS,
    ) -> None:
        # Not the constructor of `Response`: it would declare the length of a body.
        self.status_code = 200
        self.media_type = wire.media_type
        self.background = None
        client_error = {
            "cache-control": "no-cache",
            "x-accel-buffering": "no",
            **wire.headers,
            **headers,
        }
        self.init_headers(client_error)
        self._first = first
        self._events = events
        self._wire = wire
        self._heartbeat_seconds = heartbeat_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it all; returns early, and quietly, when the client has left."""
        async with closing(self._events), anyio.create_task_group() as others:
            sender = _Sender(send, lambda: self._wire.heartbeat, self._heartbeat_seconds)
            others.start_soon(_cancelled_by_leaving, receive, others.cancel_scope)
            with suppress(OSError):  # how some servers say, at a send, that the client has left
                await self._send_all(send, sender, others)
            others.cancel_scope.cancel()

    async def _send_all(self, send: Send, sender: "_Sender", others: TaskGroup) -> None:
        head = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **head})
        others.start_soon(sender.keep_alive)
        async with closing(self.frames()) as frames:
            async for frame in frames:
                await sender.send(frame)
        await sender.end()

    def frames(self) -> AsyncGenerator[str]:
        """Returns everything that is sent, as text; to be read once."""
        return self._wire.encode(self._all())

    async def _all(self) -> AsyncGenerator[Event]:
        yield self._first
        async with aclosing(self._events):
            async for event in self._events:
                yield event


async def _cancelled_by_leaving(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


class _Sender:
    """Sends frames one after the other, and a heartbeat when there were none for a while."""

    def __init__(self, send: Send, heartbeat: Callable[[], str], seconds: float) -> None:
        self._send = send
        self._heartbeat = heartbeat
        self._seconds = seconds
        self._sent_at = monotonic()
        self._sending = False
        self._beating: anyio.Event | None = None

    async def send(self, frame: str) -> None:
        """Returns when the connection has taken it."""
        while self._beating is not None:
            await self._beating.wait()
        self._sending = True
        await self._send({"type": "http.response.body", "body": frame.encode(), "more_body": True})
        self._sending = False
        self._sent_at = monotonic()

    async def end(self) -> None:
        while self._beating is not None:
            await self._beating.wait()
        self._sending = True
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def keep_alive(self) -> None:
        while True:
            # On a busy machine the moment may have passed already.
            await anyio.sleep(max(0.0, self._sent_at + self._seconds - monotonic()))
            # A client that has not taken the last frame yet gets no heartbeat on top of it.
            if self._sending:
                self._sent_at = monotonic()
            elif monotonic() >= self._sent_at + self._seconds:
                await self._beat()

    async def _beat(self) -> None:
        self._beating = beating = anyio.Event()
        try:
            if body := self._heartbeat().encode():
                with suppress(OSError):  # the next frame will hear of it too
                    await self._send(
                        {"type": "http.response.body", "body": body, "more_body": True}
                    )
        finally:
            self._sent_at = monotonic()
            self._beating = None
            beating.set()
