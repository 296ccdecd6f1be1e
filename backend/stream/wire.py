"""The interface of all wires: the encoding of a run's events as text, and the shapes that wires share.

A wire is chosen by path or header, never guessed: a client that gets the other one fails silently. A live
stream and a reloaded chat have the same shapes, so that both look the same: numbers that are not known are
null, and names of fields are those of the HTTP API, except where the client library prescribes its own
(`sourceId`, `mediaType`, …). Errors after the headers come with their sentence, code and hint, all others
than ours with a fixed sentence; never the text of an exception. The log has the cause, under the request's
id.
"""

import json
from collections.abc import AsyncGenerator, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Protocol, TypeVar, cast
from urllib.parse import quote

from loguru import logger
from pydantic import JsonValue
from pydantic_ai.ui import UIEventStream
from pydantic_core import PydanticSerializationError, to_json, to_jsonable_python

from backend.errors import InternalError, doors
from backend.observability.log_lines import log_fault
from backend.schemas import chat_schemas as presenting
from backend.schemas.chat_schemas import arguments_object
from use_cases.chat.chat_turn import ChatEvent
from use_cases.chat.model import Answer
from use_cases.kernel.citations.sources import Source
from use_cases.kernel.errors import CandorError
from use_cases.kernel.runs.surroundings import closing

Input = TypeVar("Input")
Chunk = TypeVar("Chunk")
Event = TypeVar("Event", contravariant=True)
Given = TypeVar("Given")


class Wire(Protocol[Event]):
    """A protocol for a stream of such events."""

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
        """Yields whole frames, for each event its own.

        An error of `events` becomes frames too and is logged; it never leaves the generator.
        Closing it (`use_cases.kernel.runs.surroundings.closing`) closes `events`.
        """
        ...


async def encode_events(
    stream: UIEventStream[Input, Chunk, object, str], events: AsyncGenerator[ChatEvent]
) -> AsyncGenerator[str]:
    """Yields the frames that pydantic-ai's driver makes of the events, through the hooks of `stream`."""
    # It is annotated as an iterator, and is a generator: only so can it be closed in this task.
    chunks = cast("AsyncGenerator[Chunk]", stream.transform_stream(events))
    async with closing(chunks):
        async for chunk in chunks:
            yield stream.encode_event(chunk)


class Frames(Protocol[Event]):
    """The encoder of one stream over one wire."""

    def of(self, event: Event) -> Iterator[str]:
        """Yields the frames of an event."""
        ...

    def failed(self, error: CandorError) -> Iterator[str]:
        """Yields the last frames, of an error."""
        ...


async def encode_frames(
    frames: Frames[Given], events: AsyncGenerator[Given], last: type[Given]
) -> AsyncGenerator[str]:
    """Yields the frames of all events; an error before the `last` one is sent and logged, and never
    raised.
    """
    ended = False
    async with closing(events):
        try:
            async for event in events:
                ended = ended or isinstance(event, last)
                for frame in frames.of(event):
                    yield frame
        except Exception as error:  # noqa: BLE001  (the last door: a stream has no status any more)
            failed = client_error(error)
        else:
            failed = InternalError(f"The stream ended without {last.__name__}.")
    if not ended:
        for frame in frames.failed(failed):
            yield frame


def json_of(value: object) -> str:
    """Returns a value as JSON that every client can parse; all wires encode with it.

    JSON has no NaN and no infinity: both become null. Half of a surrogate pair, as a model may
    write one, is escaped.
    """
    try:
        return to_json(value, inf_nan_mode="null").decode()
    except PydanticSerializationError:
        return json.dumps(to_jsonable_python(value, inf_nan_mode="null"))


Shape = dict[str, JsonValue]

STOPPED_TOOL = "The answer was stopped before this tool came to its end."
"""The error text of a tool call without a result."""

_MEDIA_TYPES = {
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".txt": "text/plain",
    ".html": "text/html",
    ".htm": "text/html",
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def initial_metadata(*, chat_id: str, question_id: str | None) -> Shape:
    """Returns the metadata that an answer has from its beginning."""
    return {"chat_id": chat_id, "question_id": question_id}


def final_metadata(answer: Answer) -> Shape:
    """Returns the metadata that an answer gets in the end."""
    return {
        "outcome": answer.outcome.value,
        "mode": answer.mode.value,
        "model": answer.model,
        "prompt_version": answer.prompt_version,
        "usage": usage(answer),
        "cost": None if answer.cost is None else str(answer.cost),
        "latency_ms": answer.latency_ms,
        "interrupted": answer.interrupted,
        "notices": list(answer.notices),
        "created_at": answer.created_at.isoformat(),
    }


def usage(answer: Answer) -> Shape:
    """Returns the tokens of the whole turn; null where they are not known."""
    return {"input_tokens": answer.input_tokens, "output_tokens": answer.output_tokens}


def sources(answer: Answer) -> list[JsonValue]:
    """Returns the verified sources in full, with their quotes."""
    return [presenting.SourceReply.of(source).model_dump(mode="json") for source in answer.sources]


def tool_calls(answer: Answer) -> list[JsonValue]:
    """Returns the tool calls of the answer; `args` is an object."""
    return [
        {
            "name": call.name,
            "args": arguments_object(call.arguments),
            "result": call.result,
            "failed": call.failed,
        }
        for call in answer.tool_calls
    ]


def source_document(answer: Answer, source: Source) -> Shape:
    """Returns a cited source as the client library's `source-document`, without its `type`."""
    ref = source.document
    about: Shape = {
        "number": source.number,
        "kind": source.kind.value,
        "section": source.section,
        "date": ref.updated.isoformat(),
        "document_id": ref.document_id,
        "version_id": ref.version_id,
        "page": source.page,
        "url": document_url(source),
        "said": source.said,
    }
    return {
        "sourceId": source_id(answer, source),
        "mediaType": "text/markdown"
        if source.said
        else _MEDIA_TYPES.get(PurePosixPath(ref.name).suffix.lower(), "application/octet-stream"),
        "title": ref.title,
        "filename": ref.name,
        "providerMetadata": {"candor": about},
    }


def source_id(answer: Answer, source: Source) -> str:
    """Returns the id of a cited source, unique among all citations."""
    return f"{answer.answer_id}:{source.number}"


def document_url(source: Source) -> str:
    """Returns the document's address on this server; the same for every version of it. That of a
    message is its conversation's.
    """
    if source.said is not None:
        return f"/api/conversations/{quote(source.document.name, safe='')}"
    return f"/knowledge/documents/{quote(source.document.document_id, safe='')}"


def replaced(text: str, reason: str) -> Shape:
    """Returns the data of a replacement: all earlier text is void."""
    return {"text": text, "reason": reason}


def part_id(answer_id: str, number: int) -> str:
    """Returns the id of a message's text or reasoning part, by its place among them."""
    return f"{answer_id}:{number}"


UNKNOWN = "The answer failed for a reason that is not yours."
SERVER_ERROR = 500


def client_error(error: BaseException) -> CandorError:
    """Returns the error for the client; logs it where it is a fault on the server's side."""
    if not isinstance(error, CandorError):
        logger.opt(exception=error).error("the stream of an answer failed")
        return InternalError(UNKNOWN)
    if doors(error).status >= SERVER_ERROR:
        log_fault(error)
    else:
        logger.info("the stream of an answer ended in {}: {}", error.code, error.detail)
    return error


def problem_data(error: CandorError) -> Mapping[str, JsonValue]:
    """Returns the fields of an error for programs; `retry_after` is in seconds, null when it is not
    known.
    """
    return {
        "code": error.code,
        "status": int(doors(error).status),
        "title": error.title,
        "detail": error.detail,
        "hint": error.hint,
        "retry_after": error.retry_after,
    }
