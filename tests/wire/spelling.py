"""What the dialects share: frames, their parts, and the token counts every stub answer reports."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from tests.wire.script import Pause, Says, Use

Frame: TypeAlias = bytes | Pause
Json: TypeAlias = dict[str, object]
INPUT_TOKENS = 11
OUTPUT_TOKENS = 7
NOTHING: list[object] = []


@dataclass(frozen=True, slots=True)
class Dialect:
    """A way to write answers: `stream` gives frames, `whole` one JSON object."""

    stream: Callable[[Says, str], Iterator[Frame]]
    whole: Callable[[Says, str], Json]


def content(says: Says) -> Sequence[str | Use]:
    """The steps that say something."""
    return [step for step in says.steps if not isinstance(step, Pause)]


def text(says: Says) -> str:
    """All texts as one."""
    return "".join(step for step in says.steps if isinstance(step, str))


def uses(says: Says) -> list[Use]:
    """The tool calls."""
    return [step for step in says.steps if isinstance(step, Use)]


def sse(data: Json, event: str = "") -> bytes:
    """One server-sent event."""
    name = f"event: {event}\n" if event else ""
    return f"{name}data: {json.dumps(data)}\n\n".encode()


def event(kind: str, **fields: object) -> bytes:
    """One server-sent event whose data says its kind, too."""
    return sse({"type": kind, **fields}, kind)
