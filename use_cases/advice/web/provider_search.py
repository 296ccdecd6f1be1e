"""Web search by the model's provider, shown and recorded as a tool like our own.

Promises: it is used where every model of a chain has one; the number of searches stays within the
budget, where the provider accepts a limit; the pages it read are named where the provider does.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from pydantic_ai import (
    AgentStreamEvent,
    FunctionToolCallEvent,
    FunctionToolResultEvent,
    ModelSettings,
    PartDeltaEvent,
    PartEndEvent,
    PartStartEvent,
)
from pydantic_ai.capabilities import AgentCapability
from pydantic_ai.capabilities import WebSearch as NativeSearch
from pydantic_ai.messages import (
    NativeToolCallPart,
    NativeToolReturnPart,
    ToolCallPart,
    ToolReturnPart,
)
from pydantic_ai.models import Model
from pydantic_ai.native_tools import WebSearchTool

from use_cases.advice.advice_deps import AdviceDeps
from use_cases.advice.ports import WebPage
from use_cases.advice.web.search_tool import WEB_TOOL
from use_cases.kernel.ports import ResolvedModel

_MOST_SHOWN = 5
_NOT_NAMED = "The provider does not tell which pages it looked at."


def native_search(
    resolved: ResolvedModel, budget: int
) -> Sequence[AgentCapability[AdviceDeps]] | None:
    """Returns the web search of the model's provider; None where it has none. In a chain, all must have
    it.
    """
    candidates = resolved.candidates or (resolved,)
    if not all(each.metered and _searches(each.model) for each in candidates):
        return None
    limited = WebSearchTool(max_uses=budget)
    supported = all(not each.model.unsupported_native_tool_settings(limited) for each in candidates)
    return [_ProviderSearch(native=limited if supported else WebSearchTool())]


class NativeSearches:
    """Reads every event of a run. `pages` are the pages that were read; `succeeded`: a search was
    made.
    """

    def __init__(self) -> None:
        self.succeeded = False
        self.pages: list[WebPage] = []
        self._ended: set[tuple[str, str]] = set()
        self._indexes: set[int] = set()

    def see(self, event: AgentStreamEvent) -> Iterator[AgentStreamEvent]:
        """Yields the event; for a native tool those of a call and its result."""
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
        """Returns False for a repeated part: a provider may send a part again, more complete."""
        known = (kind, call_id) in self._ended
        self._ended.add((kind, call_id))
        return not known


def seen_pages(part: NativeToolReturnPart) -> Sequence[WebPage]:
    """Returns the pages of a provider's search, where it names them, each once."""
    return list({page.url: page for page in _pages(part.content)}.values())


def pages_notice(pages: Sequence[WebPage]) -> str | None:
    """Returns a sentence that names the pages of the provider's search."""
    shown = ", ".join(dict.fromkeys(page.url for page in pages[:_MOST_SHOWN]))
    return f"The model's provider searched the web and looked at: {shown}." if shown else None


class _ProviderSearch(NativeSearch[AdviceDeps]):
    """A provider's search that also reports the pages it read."""

    def get_model_settings(self) -> ModelSettings:
        """Returns the setting that OpenAI requires; other providers ignore it."""
        return cast("ModelSettings", {"openai_include_web_search_sources": True})


def _searches(model: Model) -> bool:
    """Returns whether the model searches, also beside tools of ours, which Gemini could not do before
    its third version.
    """
    profile = cast("Mapping[str, object]", model.profile)
    able = WebSearchTool in model.profile.get("supported_native_tools", frozenset())
    return able and profile.get("google_supports_tool_combination", True) is True


def _pages(content: object, depth: int = 0) -> Iterator[WebPage]:
    """Yields everything with an address, in the form of any provider."""
    if depth > 4:
        return
    if isinstance(content, dict):
        found = cast("dict[str, object]", content)
        url, title = found.get("url") or found.get("uri"), found.get("title")
        if isinstance(url, str):
            yield WebPage(url, title if isinstance(title, str) else "")
        for value in found.values():
            yield from _pages(value, depth + 1)
    elif isinstance(content, (list, tuple)):
        for value in cast("Sequence[object]", content):
            yield from _pages(value, depth + 1)


def _failed(content: object) -> bool:
    """Returns whether the search failed: OpenAI sends a status, Anthropic the code of an error."""
    if not isinstance(content, dict):
        return False
    result = cast("dict[str, object]", content)
    return result.get("status") == "failed" or "error_code" in result
