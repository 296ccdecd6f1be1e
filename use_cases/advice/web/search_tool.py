"""Web search while advising: by the model's provider where it can, else by a backend.

Promises: nothing is searched unless the decision requires it; the number of searches stays within
the budget, where the provider accepts a limit; queries to a backend contain no private data; the
results can be cited as `[n]`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from loguru import logger
from pydantic_ai import ModelRetry, ModelSettings, RunContext, ToolFailed, ToolReturn
from pydantic_ai.capabilities import AgentCapability
from pydantic_ai.capabilities import WebSearch as NativeSearch
from pydantic_ai.messages import NativeToolReturnPart
from pydantic_ai.models import Model
from pydantic_ai.native_tools import WebSearchTool
from pydantic_ai.tools import ToolDefinition

from use_cases.advice.dependencies import AdviceDeps
from use_cases.advice.model import Freshness
from use_cases.advice.search_rules.privacy import private_data
from use_cases.advice.search_rules.verdict import Decision
from use_cases.kernel.citations import source_text
from use_cases.kernel.citations.sources import Retrieved
from use_cases.kernel.errors import CandorError
from use_cases.kernel.ports import ResolvedModel

WEB_TOOL = "search_web"
"""The agent's tool for the web; a search by the provider is shown under this name, too."""

_LONGEST_PAGE = 4000
_MOST_SHOWN = 5


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
    try:
        found = await deps.web.search(deps.secrets.clean(query))
    except CandorError as error:
        logger.info("web search failed: {}", error.code)
        notice = f"A web search failed: {error.detail}"
        deps.notices += [notice] if notice not in deps.notices else []
        raise ToolFailed(f"The search failed: {error.detail}") from error
    if not found:
        return ToolReturn("Nothing was found.")
    deps.web_searches.append(query)
    seen = date.fromisoformat(deps.today)
    entries = tuple(
        deps.ledger.add_page(page.url, page.title, page.text[:_LONGEST_PAGE], seen)
        for page in found
        if page.text.strip()
    )
    text = deps.secrets.clean(source_text.pages(entries)) if entries else "Nothing was found."
    return ToolReturn(text, metadata=Retrieved(pages=entries))


async def offer_search(ctx: RunContext[AdviceDeps], tool: ToolDefinition) -> ToolDefinition | None:
    """Offer the tool only when a search is called for and a backend can do it."""
    return tool if ctx.deps.web is not None else None


async def search_instructions(ctx: RunContext[AdviceDeps]) -> str | None:
    """Return the instructions on searching the web."""
    if ctx.deps.web is not None:
        most = ctx.deps.web_left
        return f"The question needs fresh facts: use {WEB_TOOL} before you advise, at most {most} times."
    if ctx.deps.native_web:
        return "The question needs fresh facts: search the web before you advise."
    return None


def native_search(
    resolved: ResolvedModel, budget: int
) -> Sequence[AgentCapability[AdviceDeps]] | None:
    """Return the web search of the model's provider; None where it has none. In a chain, all must
    have it.
    """
    candidates = resolved.candidates or (resolved,)
    if not all(each.metered and _searches(each.model) for each in candidates):
        return None
    limited = WebSearchTool(max_uses=budget)
    supported = all(not each.model.unsupported_native_tool_settings(limited) for each in candidates)
    return [_ProviderSearch(native=limited if supported else WebSearchTool())]


def freshness(decision: Decision, *, searched: bool) -> Freshness:
    """Return the need for fresh facts (by rule or by request), and whether it was met."""
    if searched:
        return Freshness.VERIFIED
    needed = decision.wants_fresh_facts or decision.should_search
    return Freshness.UNVERIFIED if needed else Freshness.NOT_NEEDED


@dataclass(frozen=True, slots=True)
class SeenPage:
    """A page that the provider's search read."""

    url: str
    title: str


def seen_pages(part: NativeToolReturnPart) -> Sequence[SeenPage]:
    """Return the pages of a provider's search, where it names them, each once."""
    return list({page.url: page for page in _pages(part.content)}.values())


def pages_notice(pages: Sequence[SeenPage]) -> str | None:
    """Return a sentence that names the pages of the provider's search."""
    shown = ", ".join(dict.fromkeys(page.url for page in pages[:_MOST_SHOWN]))
    return f"The model's provider searched the web and looked at: {shown}." if shown else None


class _ProviderSearch(NativeSearch[AdviceDeps]):
    """A provider's search that also reports the pages it read."""

    def get_model_settings(self) -> ModelSettings:
        """Return the setting that OpenAI requires; other providers ignore it."""
        return cast("ModelSettings", {"openai_include_web_search_sources": True})


def _searches(model: Model) -> bool:
    """Return whether the model searches, also beside tools of ours, which Gemini could not do
    before its third version.
    """
    profile = cast("Mapping[str, object]", model.profile)
    able = WebSearchTool in model.profile.get("supported_native_tools", frozenset())
    return able and profile.get("google_supports_tool_combination", True) is True


def _pages(content: object, depth: int = 0) -> Iterator[SeenPage]:
    """Yield everything with an address, in the form of any provider."""
    if depth > 4:
        return
    if isinstance(content, dict):
        found = cast("dict[str, object]", content)
        url, title = found.get("url") or found.get("uri"), found.get("title")
        if isinstance(url, str):
            yield SeenPage(url, title if isinstance(title, str) else "")
        for value in found.values():
            yield from _pages(value, depth + 1)
    elif isinstance(content, (list, tuple)):
        for value in cast("Sequence[object]", content):
            yield from _pages(value, depth + 1)
