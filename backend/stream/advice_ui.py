"""The fourth wire of advice: a UI message of AI SDK 5, 6 and 7, for `useChat`.

The message has the advice as one part, `data-advice`, which each snapshot replaces (they share an
id), and the tools that were used. Its id is the response's. A replaced attempt leaves nothing
behind: the part is simply replaced.
"""

from collections.abc import AsyncGenerator, Iterator, Mapping
from types import MappingProxyType

from pydantic import JsonValue
from pydantic_ai import FunctionToolCallEvent, FunctionToolResultEvent

from backend.schemas.chat_schemas import Usage, arguments_object
from backend.stream.advice_json import AdviceSnapshot, compact
from backend.stream.wire import STOPPED_TOOL, encode_frames, json_of, problem_data
from use_cases.advice.giving.events import AdviceBegun, AdviceEvent, AdviceRecorded
from use_cases.advice.model import Response
from use_cases.kernel.errors import CandorError

_DONE = "data: [DONE]\n\n"


class AdviceUIMessages:
    """A `Wire`; see the module."""

    media_type = "text/event-stream"
    headers: Mapping[str, str] = MappingProxyType({"x-vercel-ai-ui-message-stream": "v1"})
    heartbeat = ": ping\n\n"

    def encode(self, events: AsyncGenerator[AdviceEvent]) -> AsyncGenerator[str]:
        """Yields the events of one advice as frames."""
        return encode_frames(_AdviceFrames(), events, AdviceRecorded)


class _AdviceFrames:
    def __init__(self) -> None:
        self._advice = AdviceSnapshot()
        self._id = ""
        self._open: set[str] = set()

    def of(self, event: AdviceEvent) -> Iterator[str]:
        match event:
            case AdviceBegun():
                yield from self._begun(event)
            case FunctionToolCallEvent():
                yield from self._called(event)
            case FunctionToolResultEvent():
                yield from self._returned(event)
            case _:
                pass
        if self._advice.update(event):
            yield self._part()
        if isinstance(event, AdviceRecorded):
            yield from self._ended(event.response)

    def failed(self, error: CandorError) -> Iterator[str]:
        yield from self._unfinished()
        # Before the error: a client reads nothing that comes after it.
        yield _chunk("data-problem", data=dict(problem_data(error)), transient=True)
        yield _chunk("error", errorText=error.detail)
        yield _chunk("finish-step")
        yield _chunk("finish", finishReason="error")
        yield _DONE

    def _begun(self, event: AdviceBegun) -> Iterator[str]:
        self._id = event.response_id
        about: dict[str, JsonValue] = {
            "response_id": event.response_id,
            "profile": event.profile,
            "model": event.model,
            "search_decision": event.search_decision,
        }
        yield _chunk("start", messageId=event.response_id, messageMetadata=about)
        yield _chunk("start-step")

    def _called(self, event: FunctionToolCallEvent) -> Iterator[str]:
        call = event.part
        self._open.add(call.tool_call_id)
        yield _chunk(
            "tool-input-available",
            toolCallId=call.tool_call_id,
            toolName=call.tool_name,
            input=arguments_object(call.args_as_json_str()),
        )

    def _returned(self, event: FunctionToolResultEvent) -> Iterator[str]:
        part = event.part
        if part.tool_call_id not in self._open:
            return
        self._open.discard(part.tool_call_id)
        text = part.model_response_str(wrap_if_error=False)
        if part.outcome == "success":
            yield _chunk("tool-output-available", toolCallId=part.tool_call_id, output=text)
        else:
            yield _chunk("tool-output-error", toolCallId=part.tool_call_id, errorText=text)

    def _part(self) -> str:
        return _chunk("data-advice", id=self._id, data=self._advice.known)

    def _ended(self, response: Response) -> Iterator[str]:
        yield from self._unfinished()
        about: dict[str, JsonValue] = {
            "outcome": response.advice.outcome.value,
            "prompt_version": response.prompt_version,
            "web_search_used": response.web_search_used,
            "usage": Usage.of(response).model_dump(mode="json"),
            "cost": None if response.cost is None else str(response.cost),
            "latency_ms": response.latency_ms,
            "interrupted": response.interrupted,
            "created_at": response.created_at.isoformat(),
        }
        yield _chunk("message-metadata", messageMetadata=about)
        yield _chunk("finish-step")
        if response.interrupted:
            yield _chunk("abort", reason="The advice was stopped.")
        else:
            yield _chunk("finish", finishReason="stop")
        yield _DONE

    def _unfinished(self) -> Iterator[str]:
        """Ends calls without a result."""
        for call_id in sorted(self._open):
            yield _chunk("tool-output-error", toolCallId=call_id, errorText=STOPPED_TOOL)
        self._open.clear()


def _chunk(kind: str, **fields: object) -> str:
    return f"data: {compact(json_of({'type': kind, **fields}))}\n\n"
