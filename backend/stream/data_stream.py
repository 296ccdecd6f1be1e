"""The wire of AI SDK 4: the "data stream", one part on each line as `code:JSON`.

A step is a request to the model with its tool calls (`f … e`, always with the answer's id). Ids and
the record come in `8` (with the message) and, as the chat's data, in one `2` before `d`. Sent text
cannot be taken back on this wire: an answer that replaces it is announced in `8` and follows as
text.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pydantic import JsonValue
from pydantic_ai import (
    CustomEvent,
    FunctionToolCallEvent,
    FunctionToolResultEvent,
    PartDeltaEvent,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
)
from pydantic_ai.messages import ToolCallPart, ToolCallPartDelta
from pydantic_ai.ui import NativeEvent, UIEventStream

from backend.schemas.chat_schemas import arguments_object, unsourced_label
from backend.stream import wire
from backend.stream.wire import client_error, encode_events, json_of, problem_data
from use_cases.chat.chat_turn import AnswerRecorded, AnswerReplaced, ChatEvent, TurnBegun
from use_cases.chat.model import Answer


class DataStream:
    """A `Wire`; see the module."""

    media_type = "text/event-stream"
    headers: Mapping[str, str] = MappingProxyType({"x-vercel-ai-data-stream": "v1"})
    heartbeat = "\n"

    def encode(self, events: AsyncGenerator[ChatEvent]) -> AsyncGenerator[str]:
        """Yields the events of a turn as lines."""
        return encode_events(_DataStreamEncoder(), events)


def line(code: str, value: object) -> str:
    """Returns one part."""
    return f"{code}:{json_of(value)}\n"


@dataclass(kw_only=True)
class _DataStreamEncoder(UIEventStream[object, str, object, str]):
    """The hooks of pydantic-ai's driver."""

    _ids: wire.Shape = field(default_factory=dict[str, JsonValue])
    _stepping: bool = False
    _called: set[str] = field(default_factory=set[str])
    _step_called: bool = False
    _shown: bool = False
    _ending: str = "stop"
    _answer: Answer | None = None

    def encode_event(self, event: str) -> str:
        return event

    async def before_response(self) -> AsyncIterator[str]:
        for part in self._begin_step():
            yield part

    async def after_stream(self) -> AsyncIterator[str]:
        for part in self._end_step(self._ending):
            yield part
        answer = self._answer
        if answer is not None:
            yield line("8", [{"type": "answer", **self._ids, **wire.final_metadata(answer)}])
            yield line("2", [{**self._ids, **wire.final_metadata(answer), **_found(answer)}])
        # A number on this wire even where it is not known: clients calculate with it.
        usage = {
            "promptTokens": (answer and answer.input_tokens) or 0,
            "completionTokens": (answer and answer.output_tokens) or 0,
        }
        yield line("d", {"finishReason": self._ending, "usage": usage})

    async def handle_event(self, event: NativeEvent) -> AsyncIterator[str]:
        # Nearly all events are pieces of a text: theirs is the short way.
        if isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
            for piece in self._text(event.delta.content_delta):
                yield piece
            return
        async for part in super().handle_event(event):
            yield part

    async def handle_text_start(
        self, part: TextPart, follows_text: bool = False
    ) -> AsyncIterator[str]:
        for piece in self._text(part.content):
            yield piece

    async def handle_thinking_start(
        self, part: ThinkingPart, follows_thinking: bool = False
    ) -> AsyncIterator[str]:
        if part.content:
            yield f"g:{json_of(part.content)}\n"

    async def handle_thinking_delta(self, delta: ThinkingPartDelta) -> AsyncIterator[str]:
        if delta.content_delta:
            yield f"g:{json_of(delta.content_delta)}\n"

    async def handle_tool_call_start(self, part: ToolCallPart) -> AsyncIterator[str]:
        yield line("b", {"toolCallId": part.tool_call_id, "toolName": part.tool_name})
        if part.args:
            text = part.args if isinstance(part.args, str) else part.args_as_json_str()
            yield line("c", {"toolCallId": part.tool_call_id, "argsTextDelta": text})

    async def handle_tool_call_delta(self, delta: ToolCallPartDelta) -> AsyncIterator[str]:
        if isinstance(delta.args_delta, str):
            yield line("c", {"toolCallId": delta.tool_call_id, "argsTextDelta": delta.args_delta})

    async def handle_function_tool_call(self, event: FunctionToolCallEvent) -> AsyncIterator[str]:
        part = event.part
        self._called.add(part.tool_call_id)
        self._step_called = True
        yield line(
            "9",
            {
                "toolCallId": part.tool_call_id,
                "toolName": part.tool_name,
                "args": arguments_object(part.args_as_json_str()),
            },
        )

    async def handle_function_tool_result(
        self, event: FunctionToolResultEvent
    ) -> AsyncIterator[str]:
        part = event.part
        if part.tool_call_id in self._called:
            self._called.discard(part.tool_call_id)
            text = part.model_response_str(wrap_if_error=False)
            result = text if part.outcome == "success" else {"error": text}
            yield line("a", {"toolCallId": part.tool_call_id, "result": result})

    async def handle_custom_event(self, event: CustomEvent) -> AsyncIterator[str]:
        match event:
            case TurnBegun():
                self._ids = {
                    "chat_id": event.chat.chat_id,
                    "answer_id": event.answer_id,
                    "message_id": event.answer_id,
                    "question_id": event.question.message_id,
                }
                yield line("8", [{"type": "turn", **self._ids}])
            case AnswerReplaced():
                self._ending = "content-filter" if event.reason == "content_filter" else "stop"
                annotation = {
                    "type": "answer-replaced",
                    **wire.replaced(event.text, event.reason),
                }
                yield line("8", [annotation])
                # A provider may refuse before the model begins, also after a tool's result.
                if not self._stepping or self._step_called:
                    for part in self._begin_step():
                        yield part
                yield line("0", f"\n\n{event.text}" if self._shown else event.text)
            case AnswerRecorded():
                self._answer = event.answer
                if event.answer.interrupted:
                    self._ending = "unknown"
                if not self._stepping:
                    for part in self._begin_step():
                        yield part
                for part in self._verified(event.answer):
                    yield part
            case _:
                pass

    async def on_error(self, error: Exception) -> AsyncIterator[str]:
        ours = client_error(error)
        self._ending = "error"
        for part in self._unfinished():
            yield part
        # Before the error: a client reads nothing that comes after it.
        yield line("2", [{"type": "problem", **self._ids, **problem_data(ours)}])
        yield line("3", ours.detail)

    def _text(self, piece: str) -> Iterator[str]:
        if piece:
            self._shown = True
            yield f"0:{json_of(piece)}\n"

    def _begin_step(self) -> Iterator[str]:
        yield from self._end_step("tool-calls" if self._step_called else "stop")
        self._stepping = True
        yield line("f", {"messageId": self._ids.get("message_id", "")})

    def _end_step(self, reason: str) -> Iterator[str]:
        if self._stepping:
            yield line("e", {"finishReason": reason, "isContinued": False})
        self._stepping = self._step_called = False

    def _unfinished(self) -> Iterator[str]:
        """Ends calls without a result."""
        for call_id in sorted(self._called):
            yield line("a", {"toolCallId": call_id, "result": {"error": wire.STOPPED_TOOL}})
        self._called.clear()

    def _verified(self, answer: Answer) -> Iterator[str]:
        yield from self._unfinished()
        yield from self._text(unsourced_label(answer))
        for source in answer.sources:
            about = {
                "sourceType": "url",
                "id": wire.source_id(answer, source),
                "url": wire.document_url(source),
                "title": source.document.title,
            }
            yield line("h", about)


def _found(answer: Answer) -> wire.Shape:
    """Returns the tool calls and sources of an answer, as `POST /chat` does."""
    return {"tool_calls": wire.tool_calls(answer), "sources": wire.sources(answer)}
