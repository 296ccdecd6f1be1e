"""Web search while advising: the agent's tool for a backend, and the search of a model's provider, which is
shown and recorded as a tool like our own and comes first where there is one.

Promises: nothing is searched unless the decision requires it; the number of searches stays within
the budget, where the provider accepts a limit; queries of ours contain no private data; our results
can be cited as `[n]`, and the pages that a provider read are named where it names them. The provider's
search is used where every model of a chain has one.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import cast

from loguru import logger
from pydantic_ai import (
    AgentStreamEvent,
    FunctionToolCallEvent,
    FunctionToolResultEvent,
    ModelRetry,
    ModelSettings,
    PartDeltaEvent,
    PartEndEvent,
    PartStartEvent,
    RunContext,
    ToolFailed,
    ToolReturn,
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
from pydantic_ai.tools import ToolDefinition

from use_cases.advice.advice_deps import AdviceDeps
from use_cases.advice.model import Freshness
from use_cases.advice.ports import WebPage
from use_cases.advice.search_rules.privacy import private_data
from use_cases.advice.search_rules.verdict import SearchVerdict
from use_cases.kernel.citations import source_text
from use_cases.kernel.citations.sources import Retrieved
from use_cases.kernel.errors import CandorError
from use_cases.kernel.ports import ResolvedModel

WEB_TOOL = "search_web"
"""The agent's tool for the web; a search by the provider is shown under this name, too."""

_LONGEST_PAGE = 4000


async def search_web(ctx: RunContext[AdviceDeps], query: str) -> ToolReturn[str]:
    """Search the web for fresh facts.

    Args:
        query: A standalone question or a few key words.
    """
    deps = ctx.deps
    if deps.web is None or deps.web_left <= 0:
        raise ToolFailed("No web search is left. Advise with what was found.")
    if not query.strip():
        raise ModelRetry("The query is empty.")
    if private_data(query):
        # The query may contain text that the model has read (a table, an earlier message).
        raise ToolFailed("The query holds private data, which are not sent; leave them out.")
    deps.web_left -= 1
    seen = date.fromisoformat(deps.today)
    try:
        async with deps.ledger.in_order(deps.web.search(deps.secrets.clean(query))) as found:
            entries = tuple(
                deps.ledger.add_page(page.url, page.title, page.text[:_LONGEST_PAGE], seen)
                for page in found
                if page.text.strip()
            )
    except CandorError as error:
        logger.info("web search failed: {}", error.code)
        notice = f"A web search failed: {error.detail}"
        deps.notices += [notice] if notice not in deps.notices else []
        raise ToolFailed(f"The search failed: {error.detail}") from error
    if not found:
        return ToolReturn("Nothing was found.")
    deps.web_searches.append(query)
    text = deps.secrets.clean(source_text.pages(entries)) if entries else "Nothing was found."
    return ToolReturn(text, metadata=Retrieved(pages=entries))


async def offer_search(ctx: RunContext[AdviceDeps], tool: ToolDefinition) -> ToolDefinition | None:
    """Offers the tool only when a search is called for and a backend can do it."""
    return tool if ctx.deps.web is not None else None


async def search_instructions(ctx: RunContext[AdviceDeps]) -> str | None:
    """Returns the instructions on searching the web."""
    if ctx.deps.web is not None:
        most = ctx.deps.web_left
        return f"The question needs fresh facts: use {WEB_TOOL} before you advise, at most {most} times."
    if ctx.deps.native_web:
        return "The question needs fresh facts: search the web before you advise."
    return None


def freshness(decision: SearchVerdict, *, searched: bool) -> Freshness:
    """Returns the need for fresh facts (by rule or by request), and whether it was met."""
    if searched:
        return Freshness.VERIFIED
    needed = decision.wants_fresh_facts or decision.should_search
    return Freshness.UNVERIFIED if needed else Freshness.NOT_NEEDED


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
