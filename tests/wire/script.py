"""What a stub provider can be told to do with a request: the words of a script.

A reply is a row of steps: texts and tool calls, and between them `HOLD` (wait until released) and
`BREAK` (drop the connection). Leaves to others: how a provider spells them (`dialects.py`) and
sending them (`stub_provider.py`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import TypeAlias, cast


class Pause(Enum):
    """A step that sends nothing."""

    HOLD = "hold"
    """Nothing more is sent until `release()`, or until the client leaves."""
    BREAK = "break"
    """The connection is dropped in the middle of the answer."""


HOLD = Pause.HOLD
BREAK = Pause.BREAK


class Finish(StrEnum):
    """Why a model stopped. `FILTER`: a content filter, in whichever words the provider has for it."""

    STOP = "stop"
    LENGTH = "length"
    FILTER = "filter"


@dataclass(frozen=True, slots=True)
class Use:
    """A tool call; `arguments` is sent as it is, so it may be invalid JSON."""

    name: str
    arguments: str


Step: TypeAlias = str | Use | Pause


@dataclass(frozen=True, slots=True)
class Says:
    """An answer of the model: its steps, one chunk each when streamed, and why it stopped."""

    steps: Sequence[Step]
    finish: Finish = Finish.STOP


@dataclass(frozen=True, slots=True)
class Raw:
    """Exactly these bytes, whatever they are."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


Reply: TypeAlias = Says | Raw


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it arrived. `at` is in seconds of `time.monotonic()`; `path` includes the query."""

    number: int
    at: float
    method: str
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, object]

    @property
    def follows_a_tool(self) -> bool:
        """Whether it brings a tool's result for the newest question, in any of the dialects."""
        turns = self.body.get("messages") or self.body.get("input") or self.body.get("contents")
        last = cast("Sequence[object]", turns)[-1] if isinstance(turns, list) and turns else None
        marks = ("'tool'", "'function_call_output'", "'tool_result'", "'functionResponse'")
        return any(mark in repr(last) for mark in marks)


Answerer: TypeAlias = Callable[[Request], Reply]


def says(*steps: Step, finish: Finish = Finish.STOP) -> Says:
    """A reply of these texts, tool calls and pauses."""
    return Says(steps, finish)


def fails(
    status: int, message: str = "It failed.", *, code: str | None = None, **headers: str
) -> Raw:
    """An error in OpenAI's shape. `retry_after="7"` becomes the header `retry-after: 7`."""
    import json

    body = {"error": {"message": message, "type": "error", "code": code, "param": None}}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Raw(json.dumps(body).encode(), status, headers=named)


def grounded(*steps: Step, query: str = "password rotation") -> Answerer:
    """Searches first, and says `steps` once it was given what the search found; every turn again."""
    search = Use("search_knowledge_base", f'{{"query": "{query}"}}')
    return lambda request: says(*steps) if request.follows_a_tool else says(search)
