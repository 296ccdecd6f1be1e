"""The wires of advice: server-sent events, bare JSON, and a whole object on each line.

All three give the same object, independent of the pieces of the model's text. The fourth, for
`useChat`, is `backend/stream/advice_ui.py`. Void text is never passed off as valid: a stream whose
beginning turned out void ends in `replace` with the whole valid object, or, where the wire has no
such event, unfinished.
"""

from collections.abc import AsyncGenerator, Iterator, Mapping
from types import MappingProxyType

from backend.schemas.advice_schemas import Done
from backend.stream.advice_json import AdviceSnapshot, AdviceWriter, compact
from backend.stream.wire import encode_frames, json_of, problem_data
from use_cases.advice.giving.events import AdviceEvent, AdviceRecorded, AdviceReplaced
from use_cases.advice.model import Response
from use_cases.kernel.errors import CandorError

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_VOID = "changed"
"""The reason for void text where no event states one."""


class AdviceEventStream:
    """A `Wire` of server-sent events: the unnamed ones' data, one after the other, is the object.

    Exactly one named event ends it: `done` or `error`. Before `done` there may be `replace`: it
    voids the earlier events and contains the whole valid object.
    """

    media_type = "text/event-stream"
    headers = _NO_HEADERS
    heartbeat = ": ping\n\n"

    def encode(self, events: AsyncGenerator[AdviceEvent]) -> AsyncGenerator[str]:
        """Yields the events of one advice as frames."""
        return encode_frames(_EventFrames(), events, AdviceRecorded)


class AdviceText:
    """A `Wire` of nothing but the object, for `useObject` of the AI SDK.

    After void text or an error, the object stays unfinished in a way that no parser repairs.
    Whitespace keeps the connection alive where JSON allows it. One for each stream.
    """

    media_type = "text/plain"
    headers = _NO_HEADERS

    def __init__(self) -> None:
        self._writer = AdviceWriter()

    @property
    def heartbeat(self) -> str:
        """A line's end between two values; nothing inside a text."""
        return "" if self._writer.in_text else "\n"

    def encode(self, events: AsyncGenerator[AdviceEvent]) -> AsyncGenerator[str]:
        """Yields the events of one advice as pieces of the object."""
        return encode_frames(_TextFrames(self._writer), events, AdviceRecorded)


class AdviceLines:
    """A `Wire` of lines, each a whole object that replaces the one before.

    `final` is true in the last line alone, which has all fields, or `error` with a problem. One for
    each stream.
    """

    media_type = "application/x-ndjson"
    headers = _NO_HEADERS

    def __init__(self) -> None:
        self._frames = _LineFrames()

    @property
    def heartbeat(self) -> str:
        """The last line again."""
        return self._frames.last

    def encode(self, events: AsyncGenerator[AdviceEvent]) -> AsyncGenerator[str]:
        """Yields the events of one advice as lines."""
        return encode_frames(self._frames, events, AdviceRecorded)


def sse(data: str, event: str | None = None) -> str:
    """Returns one server-sent event. A line's end of any kind in its data begins a new data line."""
    lines = data.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    named = "" if event is None else f"event: {event}\n"
    # The space is not for beauty: readers take one away, and a piece may begin with one.
    return named + "".join(f"data: {line}\n" for line in lines) + "\n"


class _EventFrames:
    def __init__(self) -> None:
        self._writer = AdviceWriter()
        self._reason = _VOID

    def of(self, event: AdviceEvent) -> Iterator[str]:
        if isinstance(event, AdviceReplaced):
            self._reason = event.reason
        if isinstance(event, AdviceRecorded):
            yield from self._ended(event.response)
        elif piece := self._writer.piece(event):
            yield sse(piece)

    def failed(self, error: CandorError) -> Iterator[str]:
        yield sse(_json(problem_data(error)), "error")

    def _ended(self, response: Response) -> Iterator[str]:
        rest = self._writer.rest(response)
        if rest is None:
            reason = _json(self._reason)
            yield sse(f'{{"advice":{self._writer.whole(response)},"reason":{reason}}}', "replace")
        else:
            yield sse(rest)
        yield sse(compact(Done.of_response(response).model_dump_json()), "done")


class _TextFrames:
    def __init__(self, writer: AdviceWriter) -> None:
        self._writer = writer

    def of(self, event: AdviceEvent) -> Iterator[str]:
        if isinstance(event, AdviceRecorded):
            rest = self._writer.rest(event.response)
            yield self._writer.spoil() if rest is None else rest
        elif piece := self._writer.piece(event):
            yield piece

    def failed(self, error: CandorError) -> Iterator[str]:
        if broken := self._writer.spoil():
            yield broken


class _LineFrames:
    def __init__(self) -> None:
        self._advice = AdviceSnapshot()
        self.last = ""

    def of(self, event: AdviceEvent) -> Iterator[str]:
        if self._advice.update(event):
            yield self._line(final=isinstance(event, AdviceRecorded))

    def failed(self, error: CandorError) -> Iterator[str]:
        yield _json({"error": problem_data(error), "final": True}) + "\n"

    def _line(self, *, final: bool) -> str:
        self.last = _json({**self._advice.known, "final": final}) + "\n"
        return self.last


def _json(value: object) -> str:
    return compact(json_of(value))
