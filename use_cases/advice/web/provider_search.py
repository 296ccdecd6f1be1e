"""A web search by the model's provider, shown and recorded as a tool like our own."""

from collections.abc import Iterator
from typing import cast

from pydantic_ai import (
    AgentStreamEvent,
    FunctionToolCallEvent,
    FunctionToolResultEvent,
    PartDeltaEvent,
    PartEndEvent,
    PartStartEvent,
)
from pydantic_ai.messages import (
    NativeToolCallPart,
    NativeToolReturnPart,
    ToolCallPart,
    ToolReturnPart,
)

from use_cases.advice.web.search_tool import WEB_TOOL, SeenPage, seen_pages

_NOT_NAMED = "The provider does not tell which pages it looked at."


class NativeSearches:
    """Reads every event of a run. `pages` are the pages that were read; `succeeded`: a search was
    made.
    """

    def __init__(self) -> None:
        self.succeeded = False
        self.pages: list[SeenPage] = []
        self._ended: set[tuple[str, str]] = set()
        self._indexes: set[int] = set()

    def see(self, event: AgentStreamEvent) -> Iterator[AgentStreamEvent]:
        """Yield the event; for a native tool those of a call and its result."""
        match event:
            case PartStartEvent(part=NativeToolCallPart()):
                self._indexes.add(event.index)
            case PartEndEvent(part=NativeToolCallPart() as part):
                self._indexes.discard(event.index)
                if self._first("call", part.tool_call_id):
                    call = ToolCallPart(WEB_TOOL, part.args_as_json_str(), part.tool_call_id)
                    yield FunctionToolCallEvent(call)
            case PartStartEvent(part=NativeToolReturnPart() as part):  # it has no end of its own
                if self._first("return", part.tool_call_id):
                    yield FunctionToolResultEvent(self._result(part))
            case PartDeltaEvent(index=index) if index in self._indexes:
                pass
            case PartStartEvent():
                self._indexes.discard(event.index)
                yield event
            case _:
                yield event

    def _result(self, part: NativeToolReturnPart) -> ToolReturnPart:
        if part.outcome != "success" or _failed(part.content):
            return ToolReturnPart(WEB_TOOL, "It failed.", part.tool_call_id, outcome="failed")
        pages, self.succeeded = seen_pages(part), True
        self.pages += pages
        listed = "\n".join(f"{page.url} {page.title}".strip() for page in pages)
        return ToolReturnPart(WEB_TOOL, listed or _NOT_NAMED, part.tool_call_id)

    def _first(self, kind: str, call_id: str) -> bool:
        """Return False for a repeated part: a provider may send a part again, more complete."""
        known = (kind, call_id) in self._ended
        self._ended.add((kind, call_id))
        return not known


def _failed(content: object) -> bool:
    """Return whether the search failed: OpenAI sends a status, Anthropic the code of an error."""
    if not isinstance(content, dict):
        return False
    result = cast("dict[str, object]", content)
    return result.get("status") == "failed" or "error_code" in result
