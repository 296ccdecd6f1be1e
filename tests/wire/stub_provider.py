"""A model provider on loopback that does what a script says: real uvicorn, real sockets, no model.

Use it wherever the network matters: disconnects, stalls, resets, real SDKs, other processes.

    with StubProvider() as stub:
        stub.answers(says(Use("search_knowledge_base", '{"query": "passwords"}')), says("Yes [1]."))
        ...  # point something at it: OPENAI_BASE_URL=stub.url, with any key
        assert stub.requests[0].body["model"] == "scripted"

Each request takes the next reply of the script, and the last one is repeated; an `Answerer` such as
`grounded("Every 90 days [1].")` decides by the request instead, and so serves many turns at once.
A reply is `says(...)` (texts and tool calls, one chunk each; `HOLD` waits for `release()`, `BREAK`
drops the connection), `fails(429, retry_after="7")` or `Raw(b"...")`. It is spelled in the dialect of
the path: Chat Completions, Responses, Anthropic, Google or Cohere, streamed if the request asks for it;
`/embeddings` always answers. `requests` holds what arrived. `departures` holds each client that
closed the connection before its answer was complete, with the time; `await stub.departed()` waits
for one, `await stub.asked(2)` for the second request, `await stub.holding()` for a reply that holds.

From another process: `python -m tests.wire.stub_provider` serves `grounded(...)` and prints the URL.
"""

import asyncio
import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, cast

import anyio.to_thread
import uvicorn

from tests.patience import PATIENCE
from tests.wire.dialects import dialect_of
from tests.wire.script import Answerer, Pause, Raw, Reply, Request, Says, grounded, says
from tests.wire.spelling import Dialect, Frame

if TYPE_CHECKING:
    from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope


@dataclass(frozen=True, slots=True)
class Departure:
    """A client that left before its answer was complete. `at` is of `time.monotonic()`."""

    request: int
    at: float
    chunks: int
    """How many pieces of the answer had been sent."""


class StubProvider:
    """The server, in a thread of its own, on a free port. `url` ends in `/v1`, `root` does not."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.departures: list[Departure] = []
        self._script: list[Reply | Answerer] = [says("Hello.")]
        self._held = 0
        self._happened = threading.Condition()
        self._released = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.root = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.url = f"{self.root}/v1"
        config = uvicorn.Config(
            self._app,
            interface="asgi3",
            log_config=None,  # uvicorn would set levels that outlive this server
            access_log=False,
            lifespan="off",
            ws="none",
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))

    def __enter__(self) -> "StubProvider":
        # The socket already listens, so a client that is early waits in its queue.
        self._thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        self.release()
        self._server.should_exit = self._server.force_exit = True
        self._thread.join()
        self._socket.close()

    def answers(self, *script: Reply | Answerer) -> None:
        """Begin a new script, and forget what was seen so far."""
        with self._happened:
            self._script = list(script) or [says("Hello.")]
            self.requests.clear()
            self.departures.clear()
            self._held = 0
            self._released = asyncio.Event()

    def release(self) -> None:
        """Let every reply that holds, or comes to hold, go on."""
        if self._loop is None:
            self._released.set()
        else:
            self._loop.call_soon_threadsafe(self._released.set)

    async def asked(self, count: int = 1) -> Request:
        """Wait for the request of this number (from 1)."""
        await self._until(lambda: len(self.requests) >= count)
        return self.requests[count - 1]

    async def departed(self, count: int = 1) -> Departure:
        """Wait until this many clients have left early."""
        await self._until(lambda: len(self.departures) >= count)
        return self.departures[count - 1]

    async def holding(self, count: int = 1) -> None:
        """Wait until this many replies have come to a `HOLD`."""
        await self._until(lambda: self._held >= count)

    async def _until(self, true: Callable[[], bool]) -> None:
        def wait() -> bool:
            with self._happened:
                return self._happened.wait_for(true, PATIENCE)

        assert await anyio.to_thread.run_sync(wait), "what the test waits for did not happen"

    async def _app(
        self, scope: "Scope", receive: "ASGIReceiveCallable", send: "ASGISendCallable"
    ) -> None:
        assert scope["type"] == "http"
        self._loop = asyncio.get_running_loop()
        body = b""
        while True:
            message = await receive()
            assert message["type"] == "http.request"
            body += message["body"]
            if not message["more_body"]:
                break
        query = scope["query_string"].decode()
        request, reply = self._next(
            method=scope["method"],
            path=scope["path"] + (f"?{query}" if query else ""),
            headers={name.decode().lower(): value.decode() for name, value in scope["headers"]},
            body=_object(body),
        )
        await _Exchange(self, request, reply, send).run(receive)

    def _next(
        self, *, method: str, path: str, headers: Mapping[str, str], body: Mapping[str, object]
    ) -> tuple[Request, Reply]:
        with self._happened:
            number = len(self.requests)
            request = Request(number, time.monotonic(), method, path, headers, body)
            self.requests.append(request)
            self._happened.notify_all()
            chosen = self._script[min(number, len(self._script) - 1)]
        return request, chosen if isinstance(chosen, (Says, Raw)) else chosen(request)

    def note_departure(self, request: Request, chunks: int) -> None:
        """A client left early (called by the exchange)."""
        with self._happened:
            self.departures.append(Departure(request.number, time.monotonic(), chunks))
            self._happened.notify_all()

    async def hold(self) -> None:
        """Wait for `release` (called by the exchange)."""
        with self._happened:
            self._held += 1
            self._happened.notify_all()
        await self._released.wait()


class _Exchange:
    """One request being answered, while listening for the client to leave."""

    def __init__(
        self, stub: StubProvider, request: Request, reply: Reply, send: "ASGISendCallable"
    ) -> None:
        self._stub = stub
        self._request = request
        self._reply = reply
        self._send = send
        self._chunks = 0

    async def run(self, receive: "ASGIReceiveCallable") -> None:
        answering = asyncio.create_task(self._answer())
        leaving = asyncio.create_task(_disconnected(receive))
        done, _ = await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if answering not in done:
            answering.cancel()
            self._stub.note_departure(self._request, self._chunks)
            return
        leaving.cancel()
        answering.result()

    async def _answer(self) -> None:
        reply = self._reply
        if isinstance(reply, Raw):
            await self._start(reply.status, reply.content_type, reply.headers)
            await self._piece(reply.body, last=True)
            return
        model = str(self._request.body.get("model", "scripted"))
        dialect = dialect_of(self._request.path)
        if self._request.path.partition("?")[0].endswith("/embeddings"):
            await self._whole(_embeddings(self._request.body))
        elif dialect is None:
            await self._start(404, "application/json", {})
            await self._piece(b'{"error": {"message": "no such path"}}', last=True)
        elif self._streams():
            await self._stream(dialect.stream(reply, model))
        else:
            await self._paused_whole(reply, dialect, model)

    def _streams(self) -> bool:
        return self._request.body.get("stream") is True or "alt=sse" in self._request.path

    async def _paused_whole(self, reply: Says, dialect: Dialect, model: str) -> None:
        for step in reply.steps:
            if step is Pause.HOLD:
                await self._stub.hold()
        await self._whole(dialect.whole(reply, model))

    async def _whole(self, body: Mapping[str, object]) -> None:
        await self._start(200, "application/json", {})
        await self._piece(json.dumps(body).encode(), last=True)

    async def _stream(self, frames: Iterator[Frame]) -> None:
        await self._start(200, "text/event-stream", {})
        for frame in frames:
            if frame is Pause.HOLD:
                await self._stub.hold()
            elif frame is Pause.BREAK:
                # Uvicorn drops the connection of an application that returns too early.
                return
            else:
                assert isinstance(frame, bytes)
                await self._piece(frame)
        await self._piece(b"", last=True)

    async def _start(self, status: int, content_type: str, headers: Mapping[str, str]) -> None:
        lines = [(b"content-type", content_type.encode())]
        lines += [(name.encode(), value.encode()) for name, value in headers.items()]
        await self._send(
            {"type": "http.response.start", "status": status, "headers": lines, "trailers": False}
        )

    async def _piece(self, body: bytes, *, last: bool = False) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": not last})
        self._chunks += 1


async def _disconnected(receive: "ASGIReceiveCallable") -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _object(body: bytes) -> Mapping[str, object]:
    try:
        read = cast("object", json.loads(body or b"{}"))
    except ValueError:
        return {}
    return cast("Mapping[str, object]", read) if isinstance(read, dict) else {}


def _embeddings(body: Mapping[str, object]) -> Mapping[str, object]:
    """One vector per text, of the asked length or 1536, in OpenAI's shape."""
    given = body.get("input")
    texts = cast("list[object]", given) if isinstance(given, list) else [given]
    length = cast("int", body.get("dimensions", 1536))
    vector = [1.0, 1.0] + [0.0] * (length - 2)
    data = [{"object": "embedding", "index": i, "embedding": vector} for i, _ in enumerate(texts)]
    usage = {"prompt_tokens": 3, "total_tokens": 3}
    return {"object": "list", "data": data, "model": body.get("model"), "usage": usage}


def main() -> None:
    """Serve until Ctrl-C."""
    with StubProvider() as stub:
        stub.answers(grounded("Passwords are rotated ", "every 90 days [1]."))
        sys.stdout.write(f"OPENAI_BASE_URL={stub.url}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
