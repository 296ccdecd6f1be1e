"""What an answer rests on: outcomes, what was retrieved under which number, and verified sources.

Chat and advice share them. Numbers are given by the ledger (`use_cases/kernel/citations/ledger.py`), quotes
by `use_cases/kernel/citations/verification.py`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from use_cases.kernel.model import DocumentRef, Hit, Passage, Rows, Span

SEARCH_TOOL = "search_knowledge_base"
"""The agent's tool for documents."""

QUERY_TOOL = "lookup_structured_data"
"""The agent's tool for tables."""


class Outcome(StrEnum):
    """How a question ended. Only `answered`, `tentative` and `conflict` carry sources.

    `tentative`: an answer with sources that may not hold, because they may not fit the question or
    are not in force; its notices say so. `conflict` names both sides. `clarification`: the message
    asks nothing that could be looked up, and the reply asks what is meant. `smalltalk`: a greeting,
    thanks, or a question about the assistant itself.
    `interrupted`: stopped before a word of it could be verified. An answer that was stopped later
    keeps the outcome of what it says, and is marked interrupted too.
    """

    ANSWERED = "answered"
    TENTATIVE = "tentative"
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    CONFLICT = "conflict"
    CLARIFICATION = "clarification"
    SMALLTALK = "smalltalk"
    INTERRUPTED = "interrupted"


class SourceKind(StrEnum):
    """What a citation points at: a passage of a document, the rows of a read-only query, or what a
    search of the web gave of a page.
    """

    PASSAGE = "passage"
    QUERY = "query"
    WEB = "web"


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
class PageEntry:
    """What a search of the web gave of a page, under its number. `seen` is the day."""

    number: int
    url: str
    title: str
    text: str
    seen: date


Entry: TypeAlias = PassageEntry | RowsEntry | PageEntry
"""What can be cited."""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The typed result of a tool call, beside the text made for the model; it never leaves the process."""

    passages: tuple[PassageEntry, ...] = ()
    rows: RowsEntry | None = None
    pages: tuple[PageEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    """The characters that support one cited sentence.

    `sentence` is the sentence's place in the delivered answer; `span` is the quoted text's place in
    the stored version (None for a query, whose rows are computed, and for a page of the web, which
    is not stored), and `text` exactly those
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
    quotes: tuple[Quote, ...]
    sql: str | None = None


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool the agent used in this turn, as a reader may see it. `result` is what the model was given."""

    name: str
    arguments: str
    result: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class LinkPolicy:
    """Hosts whose links, and whose images, an answer may show: `docs.example.com`, `*.example.com`
    or `*` for all. Empty: only what stands in a source, and no images.
    """

    link_hosts: Collection[str] = ()
    image_hosts: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class CitationPolicy:
    """When a citation is marked weak: below this share of the sentence's content words in the quote.

    `links`: which addresses an answer may show.
    """

    weak_below: float = 0.5
    links: LinkPolicy = LinkPolicy()
