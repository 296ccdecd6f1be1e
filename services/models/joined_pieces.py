"""Pieces of an answer that arrive together are read as one.

A provider sends a word or less in each event, and to read an event costs ten times what its text is worth:
the SDK builds its classes, and pydantic-ai passes it through a dozen generators. On a busy server many
events wait for their reader at once. Here they become one event with the text of all.

Promises: the text is the same, in the same order; nothing waits, so an event that comes alone is read at
once and as it is; what is not understood is not touched; at most `AHEAD` bytes are read before they are
wanted; a stream that is left is read no further. For Chat Completions, Responses and Claude's Messages.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, TypeAlias, cast

import anyio
from httpx2 import AsyncByteStream

if TYPE_CHECKING:
    from httpx2 import Response

AHEAD = 65_536
"""So many bytes are read before they are wanted."""

_END = b"\n\n"
_DATA = b"data: {"
_VARYING = ("sequence_number", "obfuscation")
"""What differs from event to event, and says nothing."""

_Values: TypeAlias = dict[str, object]


async def join_pieces(response: "Response") -> None:
    """Response hook of an HTTP client: reads the pieces of a stream of events together."""
    headers: Mapping[str, str] = response.headers
    events = headers.get("content-type", "").startswith("text/event-stream")
    if events and "content-encoding" not in headers:
        response.stream = JoinedPieces(cast("AsyncByteStream", response.stream))


class JoinedPieces(AsyncByteStream):
    """The bytes of a stream of server-sent events, with pieces joined that came together."""

    def __init__(self, stream: AsyncByteStream) -> None:
        self._stream = stream
        self._read = bytearray()
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None

    def __aiter__(self) -> "JoinedPieces":
        # The SDK reads on in a second loop what comes after the end of an answer.
        if self._reader is None:
            self._reader = asyncio.create_task(self._read_on())
            self._reader.add_done_callback(lambda _: self._news.set())
        return self

    async def __anext__(self) -> bytes:
        while (reader := self._reader) is not None and (self._read or not reader.done()):
            await self._news.wait()
            self._news.clear()
            # Half an event waits for its other half; a stream of another form is not held back.
            cut = len(self._read)
            if not reader.done() and b"\r" not in self._read:
                cut = self._read.rfind(_END) + len(_END) if _END in self._read else 0
            events = bytes(self._read[:cut])
            del self._read[:cut]
            self._room.set()
            if events:
                return joined(events)
        if reader is not None:
            reader.result()
        raise StopAsyncIteration

    async def _read_on(self) -> None:
        async with aclosing(cast("AsyncGenerator[bytes]", aiter(self._stream))) as stream:
            async for received in stream:
                self._read += received
                self._news.set()
                while len(self._read) > AHEAD and _END in self._read:
                    self._room.clear()
                    await self._room.wait()

    async def _stop(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            with anyio.CancelScope(shield=True):
                await asyncio.wait([self._reader])
            if not self._reader.cancelled():
                self._reader.exception()  # who leaves early does not ask for it

    async def aclose(self) -> None:
        """Reads no further, and closes the connection's own stream."""
        await self._stop()
        await self._stream.aclose()


def joined(events: bytes) -> bytes:
    """Returns whole events, with neighbours as one that differ in nothing but the text they add."""
    parts = events.split(_END)
    if len(parts) < 3:
        return events
    out, last = list[bytes](), None
    for event in parts:
        piece = _Piece.read(event)
        if piece is None or last is None or not last.takes(piece):
            out += [] if last is None else [last.event()]
            last = piece
            out += [event] if piece is None else []
    return _END.join(out if last is None else [*out, last.event()])


class _Piece:
    """An event that adds a text to its answer, and does nothing else."""

    def __init__(
        self, event: bytes, head: bytes, values: _Values, place: _Values, key: str
    ) -> None:
        self._event: bytes | None = event
        self._head = head
        self._values = values
        self._place, self._key = place, key
        self._texts = [cast("str", place.pop(key))]

    @classmethod
    def read(cls, event: bytes) -> "_Piece | None":
        """Returns None for any other event."""
        head, mark, data = event.partition(_DATA)
        if not mark or b"\n" in data or (head and not head.startswith(b"event: ")):
            return None
        try:
            values = cast("_Values", json.loads(mark[-1:] + data))
        except ValueError:
            return None
        for name in _VARYING:
            values.pop(name, None)
        found = _text_of(values)
        return None if found is None else cls(event, head, values, *found)

    def takes(self, other: "_Piece") -> bool:
        """Adds the other's text, if all else is the same."""
        if self._key != other._key or self._head != other._head or self._values != other._values:
            return False
        self._texts += other._texts
        self._event = None
        return True

    def event(self) -> bytes:
        """Returns it as it came, if it took no other."""
        if self._event is not None:
            return self._event
        self._place[self._key] = "".join(self._texts)
        return self._head + b"data: " + json.dumps(self._values).encode()


def _text_of(values: _Values) -> tuple[_Values, str] | None:
    """Returns where the text stands that is added, in each provider's own form."""
    kind = values.get("type")
    if isinstance(kind, str) and kind.startswith("response.") and kind.endswith(".delta"):
        return _text_at(values, "delta")
    if kind == "content_block_delta":
        delta = _only(values.get("delta"), 2)
        return _text_at(delta, "text") or _text_at(delta, "partial_json")
    choices = values.get("choices")
    if not (isinstance(choices, list) and len(cast("list[object]", choices)) == 1):
        return None
    choice = cast("list[object]", choices)[0]
    if not isinstance(choice, dict) or cast("_Values", choice).get("finish_reason") is not None:
        return None
    delta = _only(cast("_Values", choice).get("delta"), 1)
    calls = delta.get("tool_calls")
    if isinstance(calls, list) and len(cast("list[object]", calls)) == 1:
        call = _only(cast("list[object]", calls)[0], 2)
        return _text_at(_only(call.get("function"), 1), "arguments")
    return _text_at(delta, "content")


def _only(value: object, most: int) -> _Values:
    """Returns a mapping with at most so many keys; an empty one for anything else."""
    found = cast("_Values", value) if isinstance(value, dict) else {}
    return found if len(found) <= most else {}


def _text_at(place: _Values, key: str) -> tuple[_Values, str] | None:
    return (place, key) if isinstance(place.get(key), str) else None
