"""The response on a real server: leaving, silence, slow readers, failures after the headers."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backend.stream.data_stream import DataStream
from backend.stream.response import StreamedResponse
from backend.stream.ui_messages import UIMessageStream
from backend.stream.wire import Wire
from tests.backend.stream.clients import Assembled, lines
from tests.backend.stream.turns import SEARCH, Ground, Piece, raising
from tests.patience import PATIENCE
from use_cases.chat.chat_turn import ChatEvent
from use_cases.chat.model import Message
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.errors import StorageFull
from use_cases.kernel.runs.agent_run import AHEAD

pytestmark = pytest.mark.anyio

WIRES = [DataStream(), UIMessageStream()]
REQUEST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass
class Served:
    """A ground behind a real server."""

    ground: Ground
    wire: Wire[ChatEvent]
    heartbeat: float = 3600.0
    port: int = 0

    async def handle(self, _request: Request) -> Response:
        events = self.ground.events()
        first = await anext(events)
        return StreamedResponse(first, events, self.wire, self.heartbeat)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**24)
        writer.write(REQUEST)
        await writer.drain()
        return reader, writer

    async def whole(self) -> tuple[str, str]:
        """Head and body of one answer, read to its end."""
        reader, writer = await self.connect()
        async with asyncio.timeout(PATIENCE):
            received = await reader.read()
        writer.close()
        head, _, chunked = received.partition(b"\r\n\r\n")
        return head.decode().lower(), _joined(chunked)


def _joined(chunked: bytes) -> str:
    body = b""
    while chunked:
        size, _, rest = chunked.partition(b"\r\n")
        body += rest[: int(size, 16)]
        chunked = rest[int(size, 16) + 2 :]
    return body.decode()


@asynccontextmanager
async def serving(served: Served) -> AsyncGenerator[Served]:
    config = uvicorn.Config(
        Starlette(routes=[Route("/", served.handle, methods=["POST"])]),
        port=0,
        log_config=None,
        lifespan="off",
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    listening = config.bind_socket()
    listening.listen()
    served.port = cast("tuple[str, int]", listening.getsockname())[1]
    running = asyncio.create_task(server.serve([listening]))
    try:
        yield served
    finally:
        server.should_exit = True
        await running


class Talking:
    """A model that says something and then is silent; it tells when it was stopped."""

    def __init__(self) -> None:
        self.stopped = asyncio.Event()
        self.go_on = asyncio.Event()

    async def script(self, request: int) -> AsyncIterator[Piece]:
        if request == 0:
            yield SEARCH
            return
        yield "Every 90 days [1]. And "
        try:
            await self.go_on.wait()
        finally:
            self.stopped.set()
        yield "so on."


async def staying() -> dict[str, object]:
    """Receives from a client that stays."""
    await asyncio.Event().wait()
    raise AssertionError


async def kept(ground: Ground) -> Message:
    """The answer, as soon as it is recorded."""
    async with asyncio.timeout(PATIENCE):
        await ground.chats.closed.wait()
    return (await ground.stored())[-1]


@pytest.mark.parametrize("wire", WIRES, ids=["data", "ui"])
async def test_an_answer_arrives_whole_with_headers_that_no_proxy_holds_back(
    wire: Wire[ChatEvent],
) -> None:
    async with serving(Served(Ground(), wire)) as served:
        head, body = await served.whole()
    assert head.startswith("http/1.1 200")
    assert "content-type: text/event-stream" in head
    assert "cache-control: no-cache" in head
    assert "x-accel-buffering: no" in head
    assert "content-length" not in head
    for name, value in wire.headers.items():
        assert f"{name}: {value}" in head
    assert "Every" in body


@pytest.mark.parametrize("wire", WIRES, ids=["data", "ui"])
async def test_whoever_leaves_stops_a_silent_model_and_what_was_said_is_kept(
    wire: Wire[ChatEvent],
) -> None:
    model = Talking()
    ground = Ground(model.script)
    async with serving(Served(ground, wire)) as served:
        reader, writer = await served.connect()
        async with asyncio.timeout(PATIENCE):
            await reader.readuntil(b"And")
        writer.transport.abort()
        async with asyncio.timeout(PATIENCE):
            await model.stopped.wait()
        message = await kept(ground)
        await ground.inflight.pause(message.chat_id, seconds=PATIENCE)
        assert len(ground.inflight) == 0
    assert message.answer is not None
    assert (message.answer.interrupted, message.answer.outcome) == (True, Outcome.ANSWERED)
    assert message.text == "Every 90 days [1]. And"


async def test_whoever_leaves_at_once_leaves_a_turn_that_is_marked() -> None:
    model = Talking()
    ground = Ground(model.script)
    async with serving(Served(ground, DataStream())) as served:
        reader, writer = await served.connect()
        async with asyncio.timeout(PATIENCE):
            await reader.readuntil(b"turn")
        writer.transport.abort()
        message = await kept(ground)
    assert message.answer is not None
    assert message.answer.interrupted


@pytest.mark.parametrize("wire", WIRES, ids=["data", "ui"])
async def test_a_silent_model_does_not_make_a_silent_connection(wire: Wire[ChatEvent]) -> None:
    model = Talking()
    async with serving(Served(Ground(model.script), wire, heartbeat=0.02)) as served:
        reader, writer = await served.connect()
        beat = f"\r\n{wire.heartbeat}\r\n".encode()
        async with asyncio.timeout(PATIENCE):
            seen = await reader.readuntil(beat)
            seen += await reader.readuntil(beat)
            model.go_on.set()
            seen += await reader.read()
        writer.close()
    body = _joined(seen.partition(b"\r\n\r\n")[2])
    if isinstance(wire, DataStream):
        assert lines([body])[-1][0] == "d"
        assert "\n\n" in body
    else:
        assert Assembled([body]).finish_reason == "stop"
        assert body.count(": ping\n\n") >= 2
        assert body.endswith("data: [DONE]\n\n")


async def test_a_heartbeat_that_is_late_does_not_end_the_stream() -> None:
    async with serving(Served(Ground(), DataStream(), heartbeat=0.0)) as served:
        _, body = await served.whole()
    assert lines([body])[-1][0] == "d"


async def test_a_client_that_does_not_read_stops_the_model_after_a_few_pieces() -> None:
    made: list[int] = []
    stuck = asyncio.Event()

    async def endless(request: int) -> AsyncIterator[Piece]:
        if request == 0:
            yield SEARCH
            return
        while True:
            made.append(1)
            yield "word [1]. "

    async def send(message: object) -> None:
        if "word" in str(message):
            stuck.set()
            await asyncio.Event().wait()

    ground = Ground(endless)
    events = ground.events()
    response = StreamedResponse(await anext(events), events, UIMessageStream(), 0.001)
    task = asyncio.create_task(response({"type": "http"}, staying, send))
    await stuck.wait()
    for _ in range(2000):  # turns of the loop, in which a model that nobody stops would go on
        await asyncio.sleep(0)
    assert len(made) <= AHEAD + 3
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await kept(ground)


@pytest.mark.parametrize("wire", WIRES, ids=["data", "ui"])
async def test_what_fails_after_the_headers_is_said_in_the_stream(wire: Wire[ChatEvent]) -> None:
    ground = Ground(raising(StorageFull("The disk is full."), "Half"))
    async with serving(Served(ground, wire)) as served:
        head, body = await served.whole()
    assert head.startswith("http/1.1 200")
    assert "The disk is full." in body
    assert "storage_full" in body
    assert ground.chats.recorded == {}


async def test_a_server_that_stops_records_what_was_said() -> None:
    model = Talking()
    ground = Ground(model.script)
    events = ground.events()
    response = StreamedResponse(await anext(events), events, DataStream(), 3600.0)
    begun = asyncio.Event()

    async def send(message: object) -> None:
        if "And" in str(message):
            begun.set()

    task = asyncio.create_task(response({"type": "http"}, staying, send))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await kept(ground)).text == "Every 90 days [1]. And"
    assert len(ground.inflight) == 0


async def test_a_server_that_tells_of_leaving_at_a_send_ends_the_turn_as_quietly() -> None:
    model = Talking()
    ground = Ground(model.script)
    events = ground.events()
    response = StreamedResponse(await anext(events), events, DataStream(), 3600.0)

    async def send(message: object) -> None:
        if "Every" in str(message):
            raise OSError

    await response({"type": "http"}, staying, send)
    message = await kept(ground)
    assert message.answer is not None
    assert message.answer.interrupted
