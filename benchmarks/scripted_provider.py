"""A provider of models that costs next to nothing: OpenAI's Chat Completions, streamed, over HTTP.

    python -m benchmarks.scripted_provider

What it says is read from the question: `(60 pieces)` is an answer of 60 pieces after one search for
the question itself, which cites the source that says so; `(60 pieces, no search)` the same text at
once, as an answer that rests on nothing; `(wait)` a search, and then silence. An agent that must call
a tool to end gets the pieces as that tool's arguments. Bytes are made once for each kind of answer, and
every piece is an event and a chunk of its own; all are written at once, as fast as they can be read.
Prints its port, then serves until this process is ended.
"""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from use_cases.advice.giving.model_output import OUTPUT_TOOL
from use_cases.kernel.citations.sources import SEARCH_TOOL

MODEL = "scripted"
SENTENCE = ("Pass", "words", " must", " be", " rotated", " every", " 90", " days", " [{}]", ". ")
"""The pieces of an answer, again and again: what the samples' security policy says."""

_RESTING_ON_NOTHING = "[refused] "
"""How an answer begins that rests on nothing: a part of its first piece."""

_EVIDENCE = "rotated every 90 days"
_SOURCE = re.compile(r'<source n="(\d+)"')
_WANTED = re.compile(r"\((\d+) pieces(, no search)?\)")
_ADVICE_BEGINS = '{{"choice":"rotate","main_advice":"Rotate them now [{}].","reasoning":"'
_ADVICE_ENDS = '","confidence_score":0.8,"alternatives":[{"option":"wait","reason":"Day 80."}]}'
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_CHUNK = '{{"id":"one","object":"chat.completion.chunk","created":1,"model":"{}",{}}}'
_END = b"0\r\n\r\n"


def text_of(pieces: int, number: int = 1) -> str:
    """The text of an answer that cites this source."""
    return "".join(_pieces(pieces, number))


def answer_to(body: Mapping[str, Any]) -> bytes | None:
    """The response to a request; None: silence."""
    messages = cast("Sequence[Mapping[str, Any]]", body["messages"])
    asked = str(next(each["content"] for each in reversed(messages) if each["role"] == "user"))
    wanted = _WANTED.search(asked)
    if wanted and wanted[2]:
        return _said(int(wanted[1]), 0)
    if messages[-1]["role"] != "tool":
        return searching(asked)
    if wanted is None:
        return None
    number = _cited(str(messages[-1]["content"]))
    ends_by_tool = any(tool["function"]["name"] == OUTPUT_TOOL for tool in body["tools"])
    return (_advised if ends_by_tool else _said)(int(wanted[1]), number)


def searching(question: str) -> bytes:
    """The call of the search."""
    begun = _call(SEARCH_TOOL, "")
    return _HEAD + _stream([begun, _call(None, json.dumps({"query": question}))], "tool_calls")


class Connection(asyncio.Protocol):
    """A connection that is kept: one request after the other."""

    _transport: asyncio.Transport

    def __init__(self) -> None:
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Nothing is said yet."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer a request that is whole."""
        self._received += data
        head, blank, body = self._received.partition(b"\r\n\r\n")
        if not blank:
            return
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        if length is None or len(body) < int(length[1]):
            return
        self._received = b""
        said = answer_to(json.loads(body))
        self._transport.write(_HEAD if said is None else said)


def _cited(result: str) -> int:
    """The number of the source that says it."""
    before = result[: max(result.find(_EVIDENCE), 0)]
    return int((_SOURCE.findall(before) or ["1"])[-1])


@lru_cache(maxsize=64)
def _said(pieces: int, number: int) -> bytes:
    """An answer; with number 0 one that rests on nothing."""
    said = _pieces(pieces, number or 1)
    if not number:
        said[0] = _RESTING_ON_NOTHING + said[0]
    return _HEAD + _stream([{"content": piece} for piece in said], "stop")


@lru_cache(maxsize=64)
def _advised(pieces: int, number: int) -> bytes:
    said = [_ADVICE_BEGINS.format(number), *_pieces(pieces, number), _ADVICE_ENDS]
    calls = [_call(OUTPUT_TOOL, ""), *(_call(None, piece) for piece in said)]
    return _HEAD + _stream(calls, "tool_calls")


def _pieces(pieces: int, number: int) -> list[str]:
    return [SENTENCE[place % len(SENTENCE)].format(number) for place in range(pieces)]


def _call(name: str | None, arguments: str) -> Mapping[str, object]:
    function: dict[str, str] = {"arguments": arguments}
    call: dict[str, object] = {"index": 0, "function": function}
    if name is not None:
        function["name"] = name
        call |= {"id": f"call_{name}", "type": "function"}
    return {"tool_calls": [call]}


def _stream(deltas: Sequence[Mapping[str, object]], reason: str) -> bytes:
    """The body: an event for each delta, its end, its tokens, and the end of all."""
    first, *others = deltas
    end: Mapping[str, object] = {}
    spoken = ({"role": "assistant", **first}, *others, end)
    reasons = (*(None for _ in deltas), reason)
    choices = [
        {"index": 0, "delta": delta, "finish_reason": why}
        for delta, why in zip(spoken, reasons, strict=True)
    ]
    tokens = len(deltas)
    usage = {"prompt_tokens": 1000, "completion_tokens": tokens, "total_tokens": 1000 + tokens}
    events = [_CHUNK.format(MODEL, f'"choices":[{json.dumps(each)}]') for each in choices]
    events += [_CHUNK.format(MODEL, f'"choices":[],"usage":{json.dumps(usage)}'), "[DONE]"]
    frames = (f"data: {event}\n\n".encode() for event in events)
    return b"".join(b"%x\r\n%b\r\n" % (len(frame), frame) for frame in frames) + _END


async def serve() -> None:
    """Serve until this process is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
