"""The tools that assistants call: each parses its arguments, calls one use case, and presents the result.

A result is text for the model, with every text that somebody wrote as a `<source>` that it cannot
close, and the same as an object with its schema. Both are bounded and without the server's secrets.
Promises: nothing is written but the record of an answer or of advice; a caller sees and calls the tools of their scopes.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from inspect import Parameter, getdoc, signature
from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic_core import from_json

from backend.composition.container import Container
from backend.errors import InternalError, ToolUnknown
from backend.observability.metrics import watched
from backend.schemas.advice_schemas import StructuredAdvice
from backend.schemas.chat_schemas import NOT_IN_REPLIES, Reply, SourceReply
from backend.schemas.conversations_schemas import ConversationResults
from backend.schemas.json_shape import Schema, attribute, shape_of
from backend.schemas.knowledge_schemas import LoadedTable, Results, TableRows
from use_cases.advice.giving.events import AdviceRecorded
from use_cases.advice.model import AdviceQuestion, ConversationMessage, Speaker
from use_cases.chat.chat_turn import AnswerRecorded
from use_cases.chat.model import Answer, Question
from use_cases.kernel.citations import source_text
from use_cases.kernel.citations.source_text import framed, rows_as_markdown
from use_cases.kernel.citations.sources import SourceLedger
from use_cases.kernel.identity.errors import ScopeMissing
from use_cases.kernel.model import Caller, Door, Scope, Span, Table
from use_cases.kernel.runs.surroundings import closing
from use_cases.kernel.text.secrets import SecretFilter
from use_cases.knowledge.read_document import DocumentPart

MOST_CHARACTERS = 20_000
"""The most of a document that one call returns."""
_MOST_TABLES = 50

Result: TypeAlias = tuple[str, BaseModel]
Event = TypeVar("Event")
Method = TypeVar("Method", bound=Callable[..., Awaitable[Result]])
Admitted: TypeAlias = Callable[[bool], AbstractAsyncContextManager[object]]
"""Holds a place for a call; True: a model works on it."""


@shape_of(DocumentPart, omit=["document", "span"])
class PartReply(Schema):
    """A part of a document."""

    document: str = attribute("document.name")
    document_id: str = attribute("document.document_id")
    title: str = attribute("document.title")
    span: Span = Field(description="The place of the text in the version, in characters.")
    next_start: int | None = Field(description="Pass it as `start` to read on; null at the end.")


class Looked(Schema):
    """The rows of a query; without one, the loaded tables."""

    rows: TableRows | None = None
    tables: Sequence[LoadedTable] = ()


@shape_of(
    Answer,
    omit=[
        *NOT_IN_REPLIES,
        *("category", "tool_calls", "right", "feedback_notes", "expected", "expected_document"),
    ],
)
class Asked(Schema):
    """An answer as it is recorded: its text with `[n]`, its outcome, and the sources it cites."""

    sources: list[SourceReply]
    cost: Annotated[float | None, Field(description="In US dollars.")]


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: the scope that it needs, its arguments and its result as models, and what it does.

    `asks`: a model works on it, and its answer is recorded.
    """

    name: str
    title: str
    description: str
    scope: Scope
    given: type[BaseModel]
    gives: type[BaseModel]
    does: Callable[..., Awaitable[Result]]
    asks: bool


TOOLS: dict[str, Tool] = {}

Query = Annotated[str, Field(min_length=1, max_length=4000)]
Name = Annotated[str, Field(min_length=1, max_length=500)]
Place = Annotated[int, Field(ge=0, le=2**53)]


def tool(
    title: str, scope: Scope, gives: type[BaseModel], *, asks: bool = False
) -> Callable[[Method], Method]:
    """Adds a method as a tool: its docstring is the description, its parameters are the arguments."""

    def register(does: Method) -> Method:
        given: dict[str, Any] = {
            name: (one.annotation, ... if one.default is Parameter.empty else one.default)
            for name, one in signature(does).parameters.items()
            if name != "self"
        }
        model = create_model(title, __config__=ConfigDict(extra="forbid"), **given)
        name, text = getattr(does, "__name__", ""), getdoc(does) or ""
        TOOLS[name] = Tool(name, title, text, scope, model, gives, does, asks)
        return does

    return register


class McpTools:
    """The tools of one caller."""

    def __init__(self, candor: Container, caller: Caller, admitted: Admitted) -> None:
        self._candor = candor
        self._caller = replace(caller, door=Door.MCP)
        self._admitted = admitted
        self._secrets = SecretFilter(tuple(candor.settings.secrets().values()))

    async def listed(self) -> Sequence[tuple[Tool, str]]:
        """Returns the caller's tools with what to add to their descriptions."""
        more = {"lookup_structured_data": await self._tables(), "advise": self._profiles()}
        return [
            (one, more.get(one.name, ""))
            for one in TOOLS.values()
            if one.scope in self._caller.scopes and (one.name != "advise" or more["advise"])
        ]

    async def call(self, name: str, arguments: Mapping[str, Any]) -> tuple[str, Any]:
        """Returns the text and the object of a call. Raises `CandorError` and pydantic's `ValidationError`."""
        found = TOOLS.get(name)
        if found is None:
            raise ToolUnknown(f"There is no tool {name[:100]!r}.")
        self.require(found.scope)
        given = found.given.model_validate(arguments)
        async with self._admitted(found.asks):
            text, value = await found.does(
                self, **{name: getattr(given, name) for name in found.given.model_fields}
            )
        return self._secrets.clean(text), from_json(self._secrets.clean(value.model_dump_json()))

    def require(self, scope: Scope) -> None:
        """Raises `ScopeMissing` unless the caller has it."""
        if scope not in self._caller.scopes:
            raise ScopeMissing(f"The caller lacks the scope `{scope}`.")

    @tool("Search the knowledge base", Scope.KNOWLEDGE_READ, Results)
    async def search_knowledge_base(
        self,
        query: Query,
        category: Name | None = None,
        document: Name | None = None,
        limit: Annotated[int, Field(ge=1, le=20)] = 8,
    ) -> Result:
        """Find passages in the organisation's documents and table rows, by meaning and by words, with their
        document, version, section, date and place. Use it for facts of the organisation that you want to
        read and weigh yourself; use `ask` for an answer whose citations are verified. `category` and
        `document` (an id or a name that a result gave) narrow the search.
        """
        found = await self._candor.knowledge.search.search(
            query, category=category, document=document, limit=limit
        )
        ledger = SourceLedger()
        entries = tuple(dict.fromkeys(ledger.add_hit(hit) for hit in found.hits))
        places = [
            f"[{one.number}] document {one.passage.document.document_id}, version"
            f" {one.passage.document.version_id}, characters {one.passage.reading.start}-{one.passage.reading.end}"
            for one in entries
        ]
        parts = [source_text.passages(entries, found.notices), "\n".join(places)]
        return "\n\n".join(filter(None, parts)), Results.of_search(found, explain=False)

    @tool("Ask for a verified answer", Scope.CHAT, Asked, asks=True)
    async def ask(
        self, question: Query, category: Name | None = None, chat_id: Name | None = None
    ) -> Result:
        """Get an answer from the organisation's documents and tables, with citations that code has verified.
        The outcome says whether it is `answered`, `tentative`, `conflict`, `not_found` or `refused`; keep
        the `[n]` when you repeat it. Use it for a question that needs a sourced answer. `chat_id` of an
        earlier answer goes on from there. The question and its answer are recorded for the caller.
        """
        asked = Question(text=question, category=category, chat_id=chat_id)
        stream = self._candor.chat.ask.stream(asked, caller=self._caller)
        found = (await self._last(stream, AnswerRecorded)).answer
        about = {"answer": found.answer_id, "outcome": found.outcome.value}
        lines = [framed(about, Reply.of_answer(found).answer), *found.notices]
        return "\n\n".join(lines), Asked.of(found)

    @tool("Read a document", Scope.KNOWLEDGE_READ, PartReply)
    async def read_document(
        self,
        document: Name,
        version_id: Place | None = None,
        section: Name | None = None,
        start: Place = 0,
        end: Place | None = None,
    ) -> Result:
        """Read a document, or the part of it around a passage: by its id or name, as a search gave it. A
        `section` is named by its heading; `start` and `end` count characters of the version (`version_id`
        of a citation, else the current one). A long text comes in parts: `next_start` is where to read on.
        """
        part = await self._candor.knowledge.read_document.run(
            document,
            version_id=version_id,
            section=section,
            start=start,
            end=end,
            most=MOST_CHARACTERS,
        )
        about = {
            "document": part.document.name,
            "version": str(part.version_id),
            "section": section or "",
            "last_updated": part.document.updated.isoformat(),
            "characters": f"{part.span.start}-{part.span.end} of {part.characters}",
        }
        rest = "" if part.next_start is None else f"\n\nRead on with start={part.next_start}."
        return framed(about, part.text) + rest, PartReply.of(part)

    @tool("Query the tables", Scope.KNOWLEDGE_READ, Looked)
    async def lookup_structured_data(
        self, sql_query: Annotated[str, Field(max_length=10_000)] | None = None
    ) -> Result:
        """Run one read-only SELECT (SQLite) over the loaded tables, for numbers, counts and lists that a text
        search cannot give. Without a query it describes the tables and their columns.
        """
        tables = self._candor.knowledge.read_tables
        if sql_query is None:
            known = (await tables.list())[:_MOST_TABLES]
            text = framed({"tables": "described"}, source_text.schema(known) or "No tables.")
            return text, Looked.of(tables=known)
        rows = await tables.query(sql_query, caller=self._caller)
        return framed({"tables": ", ".join(rows.table_names)}, rows_as_markdown(rows)), Looked.of(
            rows=rows
        )

    @tool("Search my conversations", Scope.CONVERSATIONS, ConversationResults)
    async def search_conversations(
        self, query: Query, limit: Annotated[int, Field(ge=1, le=20)] = 8
    ) -> Result:
        """Find what was said in the caller's own conversations, here or imported from other assistants. Use
        it for what the person discussed or decided before. Nobody verified what was said.
        """
        own = replace(self._caller, owns_all=False)
        search = self._candor.conversations.search_conversations
        found = await search.search(own, query, limit=limit)
        said = [
            framed(
                {
                    "conversation": one.conversation.title,
                    "said_by": one.role,
                    "on": one.created_at.date().isoformat(),
                    "verified": "no",
                },
                one.snippet,
            )
            for one in found.results
        ]
        texts = [*(said or [source_text.NOTHING_FOUND]), *found.notices]
        return "\n\n".join(texts), ConversationResults.of_search(found)

    @tool("Advise", Scope.ADVICE, StructuredAdvice, asks=True)
    async def advise(self, question: Query, profile: Name | None = None) -> Result:
        """Recommend one of several options, with a confidence that is checked against outcomes. Use it where
        the person has to choose. The advice is recorded for the caller.
        """
        asked = AdviceQuestion(
            conversation=[ConversationMessage(Speaker.USER, question)], profile=profile
        )
        stream = self._candor.advice.give_advice.stream(asked, caller=self._caller)
        recorded = await self._last(stream, AdviceRecorded)
        reply = StructuredAdvice.of_response(recorded.response)
        about = {"advice": reply.response_id, "outcome": reply.outcome.value}
        sure = reply.confidence_phrase and f"Confidence: {reply.confidence_phrase}"
        texts = (reply.main_advice, reply.reasoning, sure, *reply.notices)
        return framed(about, "\n\n".join(filter(None, texts))), reply

    async def _last(self, stream: AsyncGenerator[Any], last: type[Event]) -> Event:
        async with closing(watched(stream, self._candor.metrics.turns)) as events:
            async for event in events:
                if isinstance(event, last):
                    return event
        raise InternalError("The answer did not come to its end.")

    async def _tables(self) -> str:
        """Returns the names of the tables and columns; what their authors wrote of them is a result."""
        if Scope.KNOWLEDGE_READ not in self._caller.scopes:
            return ""
        tables = (await self._candor.knowledge.read_tables.list())[:_MOST_TABLES]
        return "Tables: " + ("; ".join(map(_columns, tables)) or "none are loaded") + "."

    def _profiles(self) -> str:
        profiles = self._candor.advice.read_profiles
        names = [one for one in profiles.names() if one not in profiles.unusable()]
        return f"Profiles: {', '.join(names)}." if names else ""


def _columns(table: Table) -> str:
    return f"{table.name}({', '.join(one.name for one in table.columns)})"
