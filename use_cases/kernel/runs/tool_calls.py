"""Notes the tools that a run uses, and gives their events on as they can be sent and kept."""

from dataclasses import replace

from pydantic_ai import (
    AgentStreamEvent,
    FunctionToolCallEvent,
    FunctionToolResultEvent,
    PartDeltaEvent,
    PartEndEvent,
    PartStartEvent,
)
from pydantic_ai.messages import ToolCallPart, ToolCallPartDelta, ToolReturnPart

from use_cases.kernel.citations.sources import ToolCall
from use_cases.kernel.text.storable_text import whole


class NotedCalls:
    """Sees every event of a run, in order. `calls` are the tools that came to an end."""

    def __init__(self) -> None:
        self.calls: list[ToolCall] = []
        self._begun: dict[str, ToolCallPart] = {}

    def see(self, event: AgentStreamEvent) -> AgentStreamEvent:
        """An event of a tool, noted, as it can be sent and kept; any other as it is."""
        match event:
            case PartStartEvent(part=ToolCallPart() as part):
                return replace(event, part=_whole_call(part))
            case PartEndEvent(part=ToolCallPart() as part):
                return replace(event, part=_whole_call(part))
            case PartDeltaEvent(delta=ToolCallPartDelta(args_delta=str(text)) as delta):
                return replace(event, delta=replace(delta, args_delta=whole(text)))
            case FunctionToolCallEvent(part=part):
                call = self._begun[part.tool_call_id] = _whole_call(part)
                return replace(event, part=call)
            case FunctionToolResultEvent(part=part):
                result = _showable(part)
                self._note(result)
                return replace(event, part=result)
            case _:
                return event

    def _note(self, part: ToolReturnPart) -> None:
        call = self._begun.get(part.tool_call_id)
        self.calls.append(
            ToolCall(
                name=part.tool_name or "unknown",
                arguments=call.args_as_json_str() if call else "{}",
                result=part.model_response_str(),
                failed=part.outcome != "success",
            )
        )


def _showable(part: ToolReturnPart) -> ToolReturnPart:
    """A result without live passages, which are for the program alone, and with text that is one."""
    try:
        part.model_response_str()
    except ValueError:  # half a character, in an error about arguments that hold one
        part = replace(part, content="The result holds text that cannot be sent.")
    return replace(part, metadata=None)


def _whole_call(part: ToolCallPart) -> ToolCallPart:
    """A call that can be sent and kept: without halves of characters in its name and arguments."""
    arguments = whole(part.args) if isinstance(part.args, str) else part.args
    return replace(part, tool_name=whole(part.tool_name), args=arguments)
