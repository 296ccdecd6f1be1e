"""The types of the chat capability: questions, outcomes, verified sources, recorded answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from use_cases.kernel.model import DocumentRef, Hit, Passage, Rows, Span

SEARCH_TOOL = "search_knowledge_base"
"""The agent's tool for documents."""

QUERY_TOOL = "lookup_structured_data"
"""The agent's tool for tables."""


class Outcome(StrEnum):
    """How a question ended. `not_found` and `refused` carry no sources; `conflict` names both sides."""

    ANSWERED = "answered"
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    CONFLICT = "conflict"


class SourceKind(StrEnum):
    """What a citation points at: a passage of a document, or the rows of a read-only query."""

    PASSAGE = "passage"
    QUERY = "query"


@dataclass(frozen=True, slots=True)
class PassageEntry:
    """A retrieved passage under its number."""

    number: int
    passage: Passage
    hit: Hit


@dataclass(frozen=True, slots=True)
class RowsEntry:
    """A query's rows under their number, with the text the model was given."""

    number: int
    rows: Rows
    text: str


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The typed result of a tool call, beside the text made for the model; it never leaves the process."""

    passages: tuple[PassageEntry, ...] = ()
    rows: RowsEntry | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """The characters that support one cited sentence.

    `sentence` is the sentence's place in the delivered answer; `span` is the quoted text's place in
    the stored version (None for a query, whose rows are computed), and `text` exactly those
    characters. `support` (0 to 1) says how much of the sentence's content the quote covers;
    `weak` is true below the policy's threshold.
    """

    sentence: Span
    span: Span | None
    text: str
    support: float
    weak: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A source that the delivered answer cites as `[number]`, verified against what was retrieved."""

    number: int
    kind: SourceKind
    document: DocumentRef
    section: str
    page: int | None
    quotes: Sequence[Quote]
    sql: str | None = None


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool the agent used in this turn, as a reader may see it. `result` is what the model was given."""

    name: str
    arguments: str
    result: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A recorded answer. Unknown numbers are None, never 0.

    `cost` is in US dollars. `notices` are sentences the reader should see (for example that search
    ran without vectors, or that the answer was interrupted).
    """

    answer_id: str
    user_id: str
    question: str
    category: str | None
    text: str
    outcome: Outcome
    sources: Sequence[Source]
    tool_calls: Sequence[ToolCall]
    model: str
    prompt_version: str
    input_tokens: int | None
    output_tokens: int | None
    cost: Decimal | None
    latency_ms: int
    created_at: datetime
    interrupted: bool = False
    notices: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class CitationPolicy:
    """When a citation is marked weak: below this share of the sentence's content words in the quote."""

    weak_below: float = 0.5
