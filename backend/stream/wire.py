"""The interface of all wires: the encoding of a run's events as text for a client.

A wire is chosen by path or header, never guessed: a client that gets the other one fails silently.
"""

import json
from collections.abc import AsyncGenerator, Mapping
from typing import Protocol, TypeVar, cast

from pydantic_ai.ui import UIEventStream
from pydantic_core import PydanticSerializationError, to_json, to_jsonable_python

from use_cases.chat.events import ChatEvent
from use_cases.kernel.runs.cancellation import closing

Input = TypeVar("Input")
Chunk = TypeVar("Chunk")
Event = TypeVar("Event", contravariant=True)


class Wire(Protocol[Event]):
    """One protocol for a stream of such events."""

    @property
    def media_type(self) -> str:
        """The response's content type."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers that name the protocol."""
        ...

    @property
    def heartbeat(self) -> str:
        """A frame without meaning, for connections that must not fall silent.

        Read anew each time; empty where nothing may stand between two frames.
        """
        ...

    def encode(self, events: AsyncGenerator[Event]) -> AsyncGenerator[str]:
        """Yield whole frames, for each event its own.

        An error of `events` becomes frames too and is logged; it never leaves the generator.
        Closing it (`use_cases.kernel.runs.cancellation.closing`) closes `events`.
        """
        ...


async def encode_events(
    stream: UIEventStream[Input, Chunk, object, str], events: AsyncGenerator[ChatEvent]
) -> AsyncGenerator[str]:
    """Yield the frames that pydantic-ai's driver makes of the events, through the hooks of
    `stream`.
    """
    # It is annotated as an iterator, and is a generator: only so can it be closed in this task.
    chunks = cast("AsyncGenerator[Chunk]", stream.transform_stream(events))
    async with closing(chunks):
        async for chunk in chunks:
            yield stream.encode_event(chunk)


def json_of(value: object) -> str:
    """Return a value as JSON that every client can parse; all wires encode with it.

    JSON has no NaN and no infinity: both become null. Half of a surrogate pair, as a model may
    write one, is escaped.
    """
    try:
        return to_json(value, inf_nan_mode="null").decode()
    except PydanticSerializationError:
        return json.dumps(to_jsonable_python(value, inf_nan_mode="null"))
