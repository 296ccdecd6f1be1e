"""Notes the parts of a turn that a reader sees, in order, so that it looks the same when read again."""

from collections.abc import Sequence
from dataclasses import replace

from pydantic_ai import (
    AgentStreamEvent,
    FunctionToolCallEvent,
    FunctionToolResultEvent,
    PartDeltaEvent,
    PartEndEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
)
from pydantic_ai.messages import ToolCallPart

from use_cases.chat.model import (
    Part,
    ShownReasoning,
    ShownReplacement,
    ShownText,
    ShownTool,
    StepBegun,
)


class ShownParts:
    """Sees every event that a reader gets, in order."""

    def __init__(self) -> None:
        self._parts: list[Part] = []
        self._pieces: list[str] = []
        self._open: type[ShownText | ShownReasoning] | None = None
        self._responding = False
        self._tools: dict[str, int] = {}

    def see(self, event: AgentStreamEvent) -> None:
        """Note one event."""
        match event:
            case PartDeltaEvent(delta=TextPartDelta(content_delta=text)):
                self._go_on(ShownText, text)
            case PartDeltaEvent(delta=ThinkingPartDelta(content_delta=text)):
                self._go_on(ShownReasoning, text or "")
            case PartStartEvent(part=part):
                self._begin(part)
            case PartEndEvent(part=ToolCallPart() as part):
                self._change(part.tool_call_id, arguments=part.args_as_json_str())
            case PartEndEvent():
                self._end()
            case FunctionToolCallEvent(part=part):
                self._responding = False
                self._change(part.tool_call_id, arguments=part.args_as_json_str())
            case FunctionToolResultEvent(part=part):
                self._responding = False
                self._change(
                    part.tool_call_id,
                    result=part.model_response_str(wrap_if_error=False),
                    failed=part.outcome != "success",
                )
            case _:
                pass

    def replaced(self, text: str, reason: str) -> None:
        """Everything so far is void."""
        self._end()
        self._parts.append(ShownReplacement(text, reason))

    def parts(self) -> Sequence[Part]:
        """The parts that were shown, also of a turn that broke off."""
        self._end()
        return tuple(self._parts)

    def _begin(self, part: object) -> None:
        self._end()
        if not self._responding:
            self._responding = True
            self._parts.append(StepBegun())
        match part:
            case TextPart():
                self._open, self._pieces = ShownText, [part.content]
            case ThinkingPart():
                self._open, self._pieces = ShownReasoning, [part.content]
            case ToolCallPart():
                self._tools[part.tool_call_id] = len(self._parts)
                # Its arguments may be a beginning only; whole ones come with its end.
                self._parts.append(ShownTool(part.tool_call_id, part.tool_name, "{}"))
            case _:
                pass

    def _go_on(self, kind: type[ShownText | ShownReasoning], text: str) -> None:
        if self._open is not kind:  # a part may go on after another one has begun
            self._end()
            self._open = kind
        self._pieces.append(text)

    def _end(self) -> None:
        if self._open is not None:
            self._parts.append(self._open("".join(self._pieces)))
        self._open, self._pieces = None, []

    def _change(
        self,
        call_id: str,
        *,
        arguments: str | None = None,
        result: str | None = None,
        failed: bool = False,
    ) -> None:
        place = self._tools.get(call_id)
        tool = None if place is None else self._parts[place]
        if place is None or not isinstance(tool, ShownTool):
            return
        if arguments is not None:
            tool = replace(tool, arguments=arguments)
        if result is not None:
            tool = replace(tool, result=result, failed=failed)
        self._parts[place] = tool
