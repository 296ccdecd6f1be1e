"""The two tools by which an agent looks something up, on whose behalf, and the notes of their use.

Chat and advice share them. The model gets text with numbered sources; the program keeps the typed
ones in the ledger. Rights travel in the dependencies, never in a model's arguments.
"""

from dataclasses import dataclass, field, replace

from pydantic_ai import (
    AgentStreamEvent,
    FunctionToolCallEvent,
    FunctionToolResultEvent,
    ModelRetry,
    PartDeltaEvent,
    PartEndEvent,
    PartStartEvent,
    RunContext,
    ToolFailed,
    ToolReturn,
)
from pydantic_ai.messages import ToolCallPart, ToolCallPartDelta, ToolReturnPart

from use_cases.kernel.citations import source_text
from use_cases.kernel.citations.source_text import rows_as_markdown
from use_cases.kernel.citations.sources import Retrieved, SourceLedger, ToolCall
from use_cases.kernel.errors import (
    QueryFailed,
    QueryRefused,
    QueryTooExpensive,
    StorageBusy,
    TooManyQueries,
)
from use_cases.kernel.model import Caller, CategoryUnknown, Table
from use_cases.kernel.ports import Search, StructuredData
from use_cases.kernel.text.plain_text import whole
from use_cases.kernel.text.secrets import SecretFilter


@dataclass(slots=True, kw_only=True)
class Lookups:
    """The dependencies of one run. `category` restricts every search of it.

    `secrets` keeps keys out of what the model reads; `notices` are sentences for the reader.
    """

    caller: Caller
    search: Search
    data: StructuredData
    today: str
    tables: tuple[Table, ...] = ()
    category: str | None = None
    secrets: SecretFilter = field(default_factory=SecretFilter)
    ledger: SourceLedger = field(default_factory=SourceLedger)
    notices: list[str] = field(default_factory=list[str])
    schema: str | None = field(default=None, init=False)
    """The description of the tables, once a request to a model had it."""


async def search_knowledge_base(
    ctx: RunContext[Lookups],
    query: str,
    category: str | None = None,
    document: str | None = None,
) -> ToolReturn[str]:
    """Search the organisation's documents (and table rows) by meaning and by words.

    Args:
        query: A standalone question or a few key words.
        category: Only documents of this category (for example domain, policies or runbooks); leave out to search all.
        document: Only this document, by the name that its source gave, to read more of it than was found.
    """
    deps = ctx.deps
    # An index that cannot be read ends the turn with its own error: "not found" would be a lie.
    search = deps.search.search(query, category=deps.category or category, document=document)
    try:
        async with deps.ledger.in_order(search) as result:
            entries = tuple(dict.fromkeys(deps.ledger.add_hit(hit) for hit in result.hits))
    except CategoryUnknown as error:
        raise ToolFailed(f"{error.detail} {error.hint}") from error
    deps.notices += [notice for notice in result.notices if notice not in deps.notices]
    text = deps.secrets.clean(source_text.passages(entries, result.notices))
    return ToolReturn(text, metadata=Retrieved(passages=entries))


async def lookup_structured_data(ctx: RunContext[Lookups], sql_query: str) -> ToolReturn[str]:
    """Run one read-only SQL SELECT (SQLite) over the tables listed in your instructions.

    Args:
        sql_query: A single SELECT statement.
    """
    deps = ctx.deps
    try:
        async with deps.ledger.in_order(deps.data.query(sql_query)) as result:
            text = deps.secrets.clean(rows_as_markdown(result))
            entry = deps.ledger.add_rows(result, text) if result.tables else None
    except (QueryRefused, QueryFailed, QueryTooExpensive) as error:
        raise ModelRetry(f"{error.detail} {error.hint}") from error
    except (StorageBusy, TooManyQueries) as error:
        raise ToolFailed(f"{error.detail} {error.hint}") from error
    if entry is None:
        return ToolReturn(text)
    return ToolReturn(deps.secrets.clean(source_text.rows(entry)), metadata=Retrieved(rows=entry))


# Instructions are async because pydantic-ai would run a plain function in a thread, for each request
# to a model again; with many runs at once each way there and back waits for all the others.


async def describe_today(ctx: RunContext[Lookups]) -> str:
    """Instructions: the date."""
    return f"Today is {ctx.deps.today}."


async def describe_tables(ctx: RunContext[Lookups]) -> str:
    """Instructions: the loaded tables with their columns."""
    if not ctx.deps.tables:
        return "No tables are loaded; lookup_structured_data has nothing to query."
    if (schema := ctx.deps.schema) is None:
        schema = ctx.deps.schema = ctx.deps.secrets.clean(source_text.schema(ctx.deps.tables))
    return f"Tables for lookup_structured_data:\n{schema}"


class NotedCalls:
    """Sees every event of a run, in order. `calls` are the tools that came to an end."""

    def __init__(self) -> None:
        self.calls: list[ToolCall] = []
        self._begun: dict[str, ToolCallPart] = {}

    def see(self, event: AgentStreamEvent) -> AgentStreamEvent:
        """Returns an event of a tool, noted, as it can be sent and kept; any other as it is."""
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
    """Returns a result without live passages, which are for the program alone, and with text that is
    one.
    """
    try:
        part.model_response_str()
    except ValueError:  # half a character, in an error about arguments that hold one
        part = replace(part, content="The result holds text that cannot be sent.")
    return replace(part, metadata=None)


def _whole_call(part: ToolCallPart) -> ToolCallPart:
    """Returns a call that can be sent and kept: without halves of characters in its name and arguments."""
    arguments = whole(part.args) if isinstance(part.args, str) else part.args
    return replace(part, tool_name=whole(part.tool_name), args=arguments)
