"""Pieces of a stream that came together are one event with the same text; all else is as it came."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence

import pytest
from httpx2 import AsyncByteStream, Headers, Response
from hypothesis import given
from hypothesis import strategies as st

from services.models.joined_pieces import AHEAD, JoinedPieces, join_pieces, joined


def _chat(delta: str, **more: object) -> bytes:
    rest = "".join(f',"{name}":{json.dumps(value)}' for name, value in more.items())
    return f'data: {{"id":"one","choices":[{{"index":0,"delta":{delta}}}]{rest}}}\n\n'.encode()


def _said(text: str, **more: object) -> bytes:
    return _chat(json.dumps({"content": text}), **more)


def _called(arguments: str, name: str = "") -> bytes:
    function = {"arguments": arguments} | ({"name": name} if name else {})
    return _chat(json.dumps({"tool_calls": [{"index": 0, "function": function}]}))


def _responded(text: str, number: int, kind: str = "response.output_text.delta") -> bytes:
    values = {"type": kind, "item_id": "m", "delta": text, "sequence_number": number}
    return f"event: {kind}\ndata: {json.dumps(values)}\n\n".encode()


def _blocked(index: int, **delta: str) -> bytes:
    values = {"type": "content_block_delta", "index": index, "delta": delta}
    return f"event: content_block_delta\ndata: {json.dumps(values)}\n\n".encode()


pytestmark = pytest.mark.anyio

DONE = b"data: [DONE]\n\n"
FINISH = b'data: {"id":"one","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
ROLE = _chat('{"role":"assistant","content":""}')


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([_said("a"), _said("b"), _said("c")], [_said("abc")]),
        ([_said("😀"), _said(" né")], [_said("😀 né")]),
        ([ROLE, _said("a"), _said("b"), FINISH, DONE], [ROLE, _said("ab"), FINISH, DONE]),
        ([_said("a"), _called("{"), _called("}")], [_said("a"), _called("{}")]),
        ([_called("", "search"), _called("{"), _called("}")], [_called("", "search"), _called("{}")]),
        ([_said("a", obfuscation="x"), _said("b", obfuscation="yz")], [_said("ab")]),
        ([_responded("a", 4), _responded("b", 5)], [_responded("ab", 4)]),
        ([_blocked(0, type="text_delta", text="a"), _blocked(0, type="text_delta", text="b")],
         [_blocked(0, type="text_delta", text="ab")]),
    ],
)  # fmt: skip
def test_neighbours_that_add_to_one_text_become_one(
    events: Sequence[bytes], expected: Sequence[bytes]
) -> None:
    found = [_values(event) for event in joined(b"".join(events)).split(b"\n\n")]

    assert found == [_values(event) for event in b"".join(expected).split(b"\n\n")]


def _values(event: bytes) -> object:
    head, mark, data = event.partition(b"data: {")
    values = dict[str, object](json.loads(b"{" + data) if mark else {})
    values.pop("sequence_number", None)
    return head, values


@pytest.mark.parametrize(
    "events",
    [
        [_said("a")],
        [_said("a"), FINISH, _said("b")],
        [_said("a", id="one"), _said("b", id="two")],
        [_said("a", usage={"total_tokens": 1}), _said("b")],
        [_blocked(0, type="text_delta", text="a"), _blocked(1, type="text_delta", text="b")],
        [_blocked(0, type="signature_delta", signature="a")] * 2,
        [_responded("a", 1), _responded("b", 2, "response.reasoning_summary_text.delta")],
        [b"data: {broken\n\n", b"data: {broken\n\n"],
        [b": ping\n\n", _said("a"), b": ping\n\n", _said("b")],
        [b'data: {"a":1,\ndata: "b":2}\n\n'] * 2,
        [b'data: {"choices":[]}\n\n', b'data: {"choices":["x"]}\n\n', b'data: {"choices":7}\n\n'],
        [b'data: {"choices":[{"delta":{"tool_calls":["x"]}}]}\n\n'] * 2,
        [b"id: 7\n" + _said("a"), b"id: 8\n" + _said("b")],
        [_chat('{"content":"a","role":"assistant"}')] * 2,
    ],
)
def test_whatever_differs_or_is_not_understood_stays_as_it_came(events: Sequence[bytes]) -> None:
    assert joined(b"".join(events)) == b"".join(events)


class _Chunks(AsyncByteStream):
    """What a connection gives; None lets the reader go on first."""

    def __init__(self, chunks: Sequence[bytes | Exception | None]) -> None:
        self.chunks = list(chunks)
        self.given = 0
        self.closed = False

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        for chunk in self.chunks:
            if isinstance(chunk, Exception):
                raise chunk
            if chunk is None:
                for _ in range(9):
                    await asyncio.sleep(0)
            else:
                self.given += 1
                yield chunk

    async def aclose(self) -> None:
        self.closed = True


async def _all(chunks: Sequence[bytes | Exception | None]) -> list[bytes]:
    return [part async for part in JoinedPieces(_Chunks(chunks))]


async def test_pieces_that_come_apart_are_read_apart() -> None:
    assert await _all([_said("a"), None, _said("b"), None]) == [_said("a"), _said("b")]


async def test_half_an_event_waits_for_its_other_half() -> None:
    whole = _said("a")

    assert await _all([whole[:9], None, whole[9:], None, DONE]) == [whole, DONE]


async def test_an_end_without_a_blank_line_is_not_lost() -> None:
    assert await _all([_said("a"), None, b"data: rest"]) == [_said("a"), b"data: rest"]


async def test_lines_that_end_otherwise_are_not_held_back() -> None:
    assert await _all([b"data: x\r\n\r\n", None, b"data: y\r\n"]) == [
        b"data: x\r\n\r\n",
        b"data: y\r\n",
    ]


async def test_what_came_before_a_fault_is_read_before_the_fault_is_raised() -> None:
    stream = aiter(JoinedPieces(_Chunks([_said("a"), ConnectionError("gone")])))

    assert await anext(stream) == _said("a")
    with pytest.raises(ConnectionError, match="gone"):
        await anext(stream)


async def test_a_stream_that_is_left_is_read_no_further() -> None:
    chunks = _Chunks([_said("a"), None, *[_said("b"), None] * 99])
    stream = JoinedPieces(chunks)
    await anext(aiter(stream))

    await stream.aclose()

    given = chunks.given
    await asyncio.sleep(0)
    assert chunks.given == given < len(chunks.chunks)


async def test_a_slow_reader_bounds_what_is_read_ahead() -> None:
    chunks = _Chunks([_said("~" * 1000)] * 1000)
    stream = aiter(JoinedPieces(chunks))

    first = await anext(stream)
    for _ in range(9):
        await asyncio.sleep(0)

    assert len(first) < AHEAD + 2000
    assert chunks.given * 1000 < 3 * AHEAD
    assert b"".join([first] + [part async for part in stream]).count(b"~") == 1_000_000


async def test_an_event_longer_than_what_is_read_ahead_is_whole() -> None:
    long = _said("~" * 2 * AHEAD)
    cuts = [long[place : place + 999] for place in range(0, len(long), 999)]

    assert await _all([*cuts, None, DONE]) == [long, DONE]


async def test_a_second_loop_goes_on_where_the_first_one_ended() -> None:
    stream = JoinedPieces(_Chunks([_said("a"), None, _said("b"), None, DONE]))
    async for part in stream:
        assert part == _said("a")
        break

    assert [part async for part in stream] == [_said("b"), DONE]


async def test_closing_the_response_closes_the_connections_stream() -> None:
    chunks = _Chunks([])

    await JoinedPieces(chunks).aclose()

    assert chunks.closed


@given(
    st.lists(st.text(max_size=9), max_size=30),
    st.lists(st.integers(1, 40), min_size=1, max_size=20),
    st.lists(st.booleans(), min_size=1),
)
def test_the_text_is_the_same_however_its_bytes_are_cut(
    texts: Sequence[str], cuts: Sequence[int], waits: Sequence[bool]
) -> None:
    events = b"".join([ROLE, *map(_said, texts), FINISH, DONE])
    chunks, place, number = list[bytes | Exception | None](), 0, 0
    while place < len(events):
        size = cuts[number % len(cuts)]
        chunks += [events[place : place + size], *([None] if waits[number % len(waits)] else [])]
        place, number = place + size, number + 1

    read = b"".join(asyncio.run(_all(chunks)))

    assert read.endswith(FINISH + DONE)
    assert _text(read) == "".join(texts)


def _text(events: bytes) -> str:
    chunks = [json.loads(line[6:]) for line in events.splitlines() if line.startswith(b"data: {")]
    return "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)


@pytest.mark.parametrize(
    ("headers", "joins"),
    [
        ({"content-type": "text/event-stream; charset=utf-8"}, True),
        ({"content-type": "text/event-stream", "content-encoding": "gzip"}, False),
        ({"content-type": "application/json"}, False),
        ({}, False),
    ],
)
async def test_only_readable_streams_of_events_are_joined(
    headers: dict[str, str], joins: bool
) -> None:
    response = Response(200, headers=Headers(headers), stream=_Chunks([]))

    await join_pieces(response)

    assert isinstance(response.stream, JoinedPieces) is joins
