"""The wire of OpenAI's streamed chat completions: server-sent events of `chat.completion.chunk`.

Sent text cannot be taken back on this wire, and its clients keep what they were sent. So in a grounded
chat nothing is sent before its first citation: a text that cites nothing, which is withdrawn, is never
seen. What is withdrawn later is followed by a correction that says so and gives the valid answer. Promises:
the pieces, one after the other, are the content of the whole answer, or that with a correction before it;
the last chunks have its annotations with `candor`, its `finish_reason`, and its usage where that is asked
for; `[DONE]` ends a stream that was not broken off, an `error` any other.
"""

import re
from collections.abc import AsyncGenerator, Iterator, Mapping
from types import MappingProxyType

from pydantic_ai import PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta

from backend.errors import openai_error
from backend.stream.openai_shapes import CompletionUsage, Content, Link, finish_reason, shown_text
from backend.stream.wire import encode_frames, json_of
from use_cases.chat.chat_turn import AnswerRecorded, ChatEvent, TurnBegun
from use_cases.chat.model import Answer, Mode
from use_cases.kernel.errors import CandorError

WITHDRAWN = (
    "\n\n---\n\n**The text above is withdrawn:** its citations did not hold when they were checked. "
    "This is the answer:\n\n"
)
_MARKER = re.compile(r"\[\d{1,4}\]")


class CompletionStream:
    """A `Wire`; see the module. `model` is the name as it was asked for, `link` the address of a source."""

    media_type = "text/event-stream"
    headers: Mapping[str, str] = MappingProxyType({})
    heartbeat = ": ping\n\n"

    def __init__(self, model: str, link: Link, *, with_usage: bool) -> None:
        self._model = model
        self._link = link
        self._with_usage = with_usage

    def encode(self, events: AsyncGenerator[ChatEvent]) -> AsyncGenerator[str]:
        """Yields the events of a turn as chunks."""
        frames = _Chunks(self._model, self._link, with_usage=self._with_usage)
        return encode_frames(frames, events, AnswerRecorded)


class _Chunks:
    def __init__(self, model: str, link: Link, *, with_usage: bool) -> None:
        self._head: Mapping[str, object] = {"object": "chat.completion.chunk", "model": model}
        self._link = link
        self._usage: Mapping[str, object] = {"usage": None} if with_usage else {}
        self._flows = False
        self._before, self._part, self._read = "", "", ""
        self._content = Content(link)

    def of(self, event: ChatEvent) -> Iterator[str]:
        match event:
            case PartDeltaEvent(delta=TextPartDelta(content_delta=text)):
                yield from self._write(text)
            case PartStartEvent(part=TextPart(content=text)):
                self._before, self._part = self._text, ""
                yield from self._write(text)
            case TurnBegun():
                created = int(event.question.created_at.timestamp())
                self._head = {"id": event.answer_id, "created": created, **self._head}
                self._flows = event.chat.mode is Mode.OPEN
                yield self._delta(role="assistant", content="")
            case AnswerRecorded(answer=answer):
                yield from self._recorded(answer)
            case _:
                pass

    def failed(self, error: CandorError) -> Iterator[str]:
        yield _frame(openai_error(error))

    @property
    def _text(self) -> str:
        """The text so far, its parts joined as in the record."""
        return "\n\n".join(filter(None, (self._before, self._part.strip())))

    def _write(self, piece: str) -> Iterator[str]:
        self._part += piece
        text = self._text
        self._flows = self._flows or _MARKER.search(text) is not None
        if self._flows and len(text) > len(self._read):
            yield from self._sent(self._content.push(text[len(self._read) :]))
            self._read = text

    def _recorded(self, answer: Answer) -> Iterator[str]:
        text, offset = shown_text(answer), 0
        if not text.startswith(self._read):
            yield from self._sent(f"{self._content.finish()}{WITHDRAWN}")
            offset = len(self._content.text) + len(WITHDRAWN)
            self._content, self._read = Content(self._link), ""
        rest = self._content.push(text[len(self._read) :])
        yield from self._sent(rest + self._content.finish())
        found = self._content.annotations(answer.sources, offset=offset)
        candor = self._content.replied(answer).model_dump(mode="json")
        cited = [one.model_dump() for one in found]
        yield self._chunk({"annotations": cited}, None, candor=candor)
        yield self._chunk({}, finish_reason(answer))
        if self._usage:
            usage = CompletionUsage.of_answer(answer).model_dump()
            yield _frame({**self._head, "choices": [], "usage": usage})
        yield "data: [DONE]\n\n"

    def _sent(self, content: str) -> Iterator[str]:
        if content:
            yield self._delta(content=content)

    def _delta(self, **fields: str) -> str:
        return self._chunk(fields, None)

    def _chunk(self, delta: Mapping[str, object], reason: str | None, **more: object) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return _frame({**self._head, "choices": [choice], **self._usage, **more})


def _frame(value: Mapping[str, object]) -> str:
    return f"data: {json_of(value)}\n\n"
