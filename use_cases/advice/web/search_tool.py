"""Web search by a backend while advising: the agent's tool for it.

Promises: nothing is searched unless the decision requires it; the number of searches stays within
the budget; queries contain no private data; the results can be cited as `[n]`. Leaves to others: the
search of a model's provider (`provider_search.py`), which comes first where there is one.
"""

from datetime import date

from loguru import logger
from pydantic_ai import ModelRetry, RunContext, ToolFailed, ToolReturn
from pydantic_ai.tools import ToolDefinition

from use_cases.advice.advice_deps import AdviceDeps
from use_cases.advice.model import Freshness
from use_cases.advice.search_rules.privacy import private_data
from use_cases.advice.search_rules.verdict import SearchVerdict
from use_cases.kernel.citations import source_text
from use_cases.kernel.citations.sources import Retrieved
from use_cases.kernel.errors import CandorError

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
