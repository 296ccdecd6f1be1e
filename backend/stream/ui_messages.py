"""The wire of AI SDK 5, 6 and 7: server-sent events that build one UI message.

pydantic-ai's encoder, completed with ids and metadata of ours, verified sources, and safe errors. A
part ends when the next one begins, and empty ones are never sent, so that a reloaded message looks
the same (`backend/stream/reload.py`). Metadata of providers stays here: the server keeps the
history, and the model's messages are private.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, cast

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
from pydantic_ai.messages import NativeToolCallPart, ToolCallPart
from pydantic_ai.ui import NativeEvent
from pydantic_ai.ui.vercel_ai import VercelAIEventStream
from pydantic_ai.ui.vercel_ai.response_types import (
    AbortChunk,
    BaseChunk,
    DataChunk,
    DoneChunk,
    ErrorChunk,
    FinishChunk,
    FinishReason,
    FinishStepChunk,
    MessageMetadataChunk,
    ReasoningEndChunk,
    ReasoningStartChunk,
    SourceDocumentChunk,
    StartChunk,
    TextEndChunk,
    TextStartChunk,
    ToolInputAvailableChunk,
    ToolInputStartChunk,
    ToolOutputAvailableChunk,
    ToolOutputErrorChunk,
)

from backend.schemas.chat_schemas import arguments_object, unsourced_label
from backend.stream import wire
from backend.stream.wire import client_error, encode_events, json_of, problem_data
from use_cases.chat.chat_turn import AnswerRecorded, AnswerReplaced, ChatEvent, TurnBegun
from use_cases.chat.model import Answer
from use_cases.kernel.runs.surroundings import closing


class UIMessageStream:
    """A `Wire`; see the module."""

    media_type = "text/event-stream"
    headers: Mapping[str, str] = MappingProxyType({"x-vercel-ai-ui-message-stream": "v1"})
    heartbeat = ": ping\n\n"

    def encode(self, events: AsyncGenerator[ChatEvent]) -> AsyncGenerator[str]:
        """Yields the events of a turn as frames."""
        return encode_events(_Chunks(sdk_version=6), events)


class UIMessageFrames(UIMessageStream):
    """The same wire for events that are frames already."""

    async def encode(self, events: AsyncGenerator[str]) -> AsyncGenerator[str]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Yields the frames; an error is the last one."""
        try:
            async with closing(events):
                async for frame in events:
                    yield frame
        except Exception as error:  # noqa: BLE001  (the response has begun)
            lost = ErrorChunk(error_text=client_error(error).detail)
            yield f"data: {lost.encode(6)}\n\n"
            yield "data: [DONE]\n\n"


@dataclass(slots=True)
class _Tool:
    """A tool call that has begun. `announced`: the client has its whole input."""

    name: str
    input: wire.Shape = field(default_factory=dict[str, JsonValue])
    announced: bool = False


@dataclass(kw_only=True)
class _Chunks(VercelAIEventStream[object, str]):
    """The hooks of pydantic-ai's driver."""

    _answer_id: str = ""
    _open: Literal["text", "reasoning"] | None = None
    _open_id: str = ""
    _before_delta: str = ""
    _count: int = 0
    _tools: dict[str, _Tool] = field(default_factory=dict[str, _Tool])
    _ending: FinishReason = "stop"
    _stopped: bool = False
    _stepping: bool = False

    def encode_event(self, event: BaseChunk | str) -> str:
        if isinstance(event, str):
            return event
        if isinstance(event, ToolInputStartChunk):
            event.provider_metadata = None
        return super().encode_event(event)

    async def before_stream(self) -> AsyncIterator[BaseChunk]:
        # `start` waits for `TurnBegun`, which knows the ids.
        return
        yield

    async def before_response(self) -> AsyncIterator[BaseChunk]:
        self._stepping = True
        async for chunk in super().before_response():
            yield chunk

    async def after_response(self) -> AsyncIterator[BaseChunk]:
        for chunk in self._close():
            yield chunk

    async def after_stream(self) -> AsyncIterator[BaseChunk]:
        for chunk in self._close():
            yield chunk
        if self._stepping:
            yield FinishStepChunk()
        if not self._stopped:
            yield FinishChunk(finish_reason=self._ending)
        yield DoneChunk()

    # Text and reasoning

    async def handle_event(self, event: NativeEvent) -> AsyncIterator[BaseChunk]:
        # Nearly all events are pieces of a text: theirs is the short way.
        if isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
            for chunk in self._piece("text", event.delta.content_delta):
                yield chunk
            return
        async for chunk in super().handle_event(event):
            yield chunk

    async def handle_text_start(
        self, part: TextPart, follows_text: bool = False
    ) -> AsyncIterator[BaseChunk]:
        for chunk in self._piece("text", part.content):
            yield chunk

    async def handle_text_end(
        self, part: TextPart, followed_by_text: bool = False
    ) -> AsyncIterator[BaseChunk]:
        # Ends when something else begins; and what a provider cites has been verified by nobody.
        return
        yield

    async def handle_thinking_start(
        self, part: ThinkingPart, follows_thinking: bool = False
    ) -> AsyncIterator[BaseChunk]:
        for chunk in self._piece("reasoning", part.content):
            yield chunk

    async def handle_thinking_delta(self, delta: ThinkingPartDelta) -> AsyncIterator[BaseChunk]:
        for chunk in self._piece("reasoning", delta.content_delta or ""):
            yield chunk

    async def handle_thinking_end(
        self, part: ThinkingPart, followed_by_thinking: bool = False
    ) -> AsyncIterator[BaseChunk]:
        return
        yield

    # Tools

    async def handle_tool_call_start(
        self, part: ToolCallPart | NativeToolCallPart
    ) -> AsyncIterator[BaseChunk]:
        for chunk in self._close():
            yield chunk
        self._tools[part.tool_call_id] = _Tool(part.tool_name)
        async for chunk in super().handle_tool_call_start(part):
            yield chunk

    async def handle_tool_call_end(self, part: ToolCallPart) -> AsyncIterator[BaseChunk]:
        if tool := self._tools.get(part.tool_call_id):
            tool.input = arguments_object(part.args_as_json_str())
        return
        yield

    async def handle_function_tool_call(
        self, event: FunctionToolCallEvent
    ) -> AsyncIterator[BaseChunk]:
        part = event.part
        tool = self._tools.setdefault(part.tool_call_id, _Tool(part.tool_name))
        tool.input = arguments_object(part.args_as_json_str())
        for chunk in self._announce(part.tool_call_id):
            yield chunk

    async def handle_function_tool_result(
        self, event: FunctionToolResultEvent
    ) -> AsyncIterator[BaseChunk]:
        part = event.part
        for chunk in self._announce(part.tool_call_id):
            yield chunk
        self._tools.pop(part.tool_call_id, None)
        text = part.model_response_str(wrap_if_error=False)
        if part.outcome == "success":
            yield ToolOutputAvailableChunk(tool_call_id=part.tool_call_id, output=text)
        else:
            yield ToolOutputErrorChunk(tool_call_id=part.tool_call_id, error_text=text)

    # Events that no tool or model of ours causes, and no reload could show again

    async def _nothing(self, part: object) -> AsyncIterator[BaseChunk]:
        return
        yield

    handle_builtin_tool_call_start = _nothing
    handle_builtin_tool_call_end = _nothing
    handle_builtin_tool_return = _nothing
    handle_file = _nothing
    handle_compaction = _nothing

    # The turn

    async def handle_custom_event(self, event: CustomEvent) -> AsyncIterator[BaseChunk]:
        match event:
            case TurnBegun():
                self._answer_id = event.answer_id
                metadata = wire.initial_metadata(
                    chat_id=event.chat.chat_id, question_id=event.question.message_id
                )
                yield StartChunk(message_id=event.answer_id, message_metadata=metadata)
            case AnswerReplaced():
                self._ending = "content-filter" if event.reason == "content_filter" else "stop"
                for chunk in self._replaced(event):
                    yield chunk
            case AnswerRecorded():
                for chunk in self._recorded(event.answer):
                    yield chunk
            case _:
                pass

    async def on_error(self, error: Exception) -> AsyncIterator[BaseChunk]:
        ours = client_error(error)
        for chunk in (*self._close(), *self._unfinished()):
            yield chunk
        self._ending = "error"
        # Before the error: a client reads nothing that comes after it.
        yield DataChunk(type="data-problem", data=problem_data(ours), transient=True)
        yield ErrorChunk(error_text=ours.detail)

    def _piece(self, kind: Literal["text", "reasoning"], text: str) -> Iterator[BaseChunk]:
        """Yields a piece of text or reasoning; it opens its part."""
        if not text:
            return
        if self._open != kind:
            yield from self._close()
            self._count += 1
            self._open, self._open_id = kind, wire.part_id(self._answer_id, self._count)
            start = TextStartChunk if kind == "text" else ReasoningStartChunk
            yield start(id=self._open_id)
            self._before_delta = f'data: {{"type":"{kind}-delta","id":"{self._open_id}","delta":'
        yield self._delta(text)

    def _delta(self, text: str) -> BaseChunk:
        """Returns a delta of the open part, already encoded: a chunk of their class costs ten times as
        much.
        """
        return cast("BaseChunk", f"{self._before_delta}{json_of(text)}}}\n\n")

    def _close(self) -> Iterator[BaseChunk]:
        """Ends the open part."""
        if self._open is not None:
            end = TextEndChunk if self._open == "text" else ReasoningEndChunk
            self._open = None
            yield end(id=self._open_id)

    def _announce(self, call_id: str) -> Iterator[BaseChunk]:
        """Yields the whole input of a call, once."""
        tool = self._tools.get(call_id)
        if tool is not None and not tool.announced:
            tool.announced = True
            yield ToolInputAvailableChunk(
                tool_call_id=call_id, tool_name=tool.name, input=tool.input
            )

    def _unfinished(self) -> Iterator[BaseChunk]:
        """Ends calls without a result."""
        for call_id in tuple(self._tools):
            yield from self._announce(call_id)
            yield ToolOutputErrorChunk(tool_call_id=call_id, error_text=wire.STOPPED_TOOL)
        self._tools.clear()

    def _replaced(self, event: AnswerReplaced) -> Iterator[BaseChunk]:
        yield from self._close()
        yield DataChunk(type="data-answer-replaced", data=wire.replaced(event.text, event.reason))
        yield from self._piece("text", event.text)

    def _recorded(self, answer: Answer) -> Iterator[BaseChunk]:
        yield from self._piece("text", unsourced_label(answer))
        yield from self._close()
        yield from self._unfinished()
        for source in answer.sources:
            yield SourceDocumentChunk.model_validate(wire.source_document(answer, source))
        if answer.sources:
            yield DataChunk(type="data-sources", data=wire.sources(answer))
        yield MessageMetadataChunk(message_metadata=wire.final_metadata(answer))
        self._stopped = answer.interrupted
        if self._stopped:
            yield AbortChunk(reason="The answer was stopped.")
