"""Sources: outcomes, retrieved entries and verified sources, and their numbers within one turn.

Numbers are given by the server, never by the model. Promises: each distinct reading (and page, and each
query result) gets the next number when it is first retrieved, and keeps it; lookups that run at once
number in the order in which they were called; only entries of the ledger can be cited. Leaves to others:
quotes (`use_cases/kernel/citations/verification.py`).
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias, TypeVar

from use_cases.kernel.model import DocumentRef, Hit, Passage, Rows, Span

SEARCH_TOOL = "search_knowledge_base"
"""The agent's tool for documents."""

SAID_TOOL = "search_conversations"
"""The agent's tool for what was said in conversations."""

QUERY_TOOL = "lookup_structured_data"
"""The agent's tool for tables."""


class Outcome(StrEnum):
    """The outcome of a question. Only `answered`, `tentative`, `conflict` and `unsourced` carry sources.

    `tentative`: an answer with sources that may not fit the question or are not in force, as its
    notices state. `conflict` names both sides. `clarification`: the message has nothing to search
    for, and the reply asks for a question. `smalltalk`: a greeting, thanks, or a question about the
    assistant itself. `unsourced`: a reply in an open chat of which some or all rests on no source, as its
    notices state. `interrupted`: stopped before a word of it could be verified. An answer that was
    stopped later keeps its outcome, and is marked interrupted, too.
    """

    ANSWERED = "answered"
    TENTATIVE = "tentative"
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    CONFLICT = "conflict"
    CLARIFICATION = "clarification"
    SMALLTALK = "smalltalk"
    UNSOURCED = "unsourced"
    INTERRUPTED = "interrupted"


UNSOURCED = "unsourced: not everything here rests on a source, and what does not was not verified"
"""The label that every door and every export shows beside the text of such a reply."""


class Mode(StrEnum):
    """The mode of a chat, which decides what becomes of a text without a source.

    `grounded`: it is withdrawn. `open`: it stays, with the outcome `unsourced`.
    """

    GROUNDED = "grounded"
    OPEN = "open"


class SourceKind(StrEnum):
    """The kind of a cited source: a passage of a document, a query's rows, a web page's snippet, or a
    message of a conversation.
    """

    PASSAGE = "passage"
    QUERY = "query"
    WEB = "web"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class PassageEntry:
    """A retrieved passage under its number."""

    number: int
    passage: Passage
    hit: Hit


@dataclass(frozen=True, slots=True)
class RowsEntry:
    """A query's rows under their number, with their text for the model."""

    number: int
    rows: Rows
    text: str


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A web page's snippet under its number. `seen` is the day."""

    number: int
    url: str
    title: str
    text: str
    seen: date


Entry: TypeAlias = PassageEntry | RowsEntry | PageEntry
"""A citable entry."""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The typed result of a tool call, beside its text for the model; it never leaves the process."""

    passages: tuple[PassageEntry, ...] = ()
    rows: RowsEntry | None = None
    pages: tuple[PageEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    """The characters that support one cited sentence.

    `sentence` is the sentence's place in the delivered answer; `span` is the quoted text's place in
    the stored version (None for a query, whose rows are computed, and for a web page, which is not
    stored), and `text` exactly those characters. `support` (0 to 1) is the share of the sentence's
    content that the quote covers; `weak` is true below the policy's threshold.
    """

    sentence: Span
    span: Span | None
    text: str
    support: float
    weak: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A source that the delivered answer cites as `[number]`, verified against the retrieved text."""

    number: int
    kind: SourceKind
    document: DocumentRef
    section: str
    page: int | None
    quotes: tuple[Quote, ...]
    sql: str | None = None

    @property
    def said(self) -> str | None:
        """The speaker and the moment, and that nobody verified it; None for what is no message."""
        return self.document.attribution


def cited_documents(sources: Sequence[Source]) -> Sequence[str]:
    """Returns the names of the stored documents among the sources, each once, in their order."""
    elsewhere = (SourceKind.WEB, SourceKind.MESSAGE)
    stored = (source for source in sources if source.kind not in elsewhere)
    return tuple(dict.fromkeys(source.document.name for source in stored))


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool call of this turn, for display. `result` is its text for the model, `made` the id of what it
    made for a later turn to go on with.
    """

    name: str
    arguments: str
    result: str
    failed: bool = False
    made: str | None = None


@dataclass(frozen=True, slots=True)
class LinkPolicy:
    """The hosts whose links and images an answer may show.

    A host is `docs.example.com`, `*.example.com` or `*` for all. Empty: only addresses of sources, and
    no images.
    """

    link_hosts: Collection[str] = ()
    image_hosts: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class CitationPolicy:
    """The policy of citations and links.

    A citation is weak with less than `weak_below` of the sentence's content words in the quote
    (docs/explanation/answers.md).
    """

    weak_below: float = 0.5
    links: LinkPolicy = LinkPolicy()


Found = TypeVar("Found")


class SourceLedger:
    """The retrieved sources of this turn, by number (from 1)."""

    def __init__(self) -> None:
        self._entries: dict[int, Entry] = {}
        self._readings: dict[tuple[str, int, int, int], int] = {}
        self._pages: dict[tuple[str, str], PageEntry] = {}
        self._looking: list[asyncio.Event] = []

    @asynccontextmanager
    async def in_order(self, lookup: Awaitable[Found]) -> AsyncGenerator[Found]:
        """Gives what a lookup found once all that began before it have numbered theirs, or failed.

        A model's calls of one response begin in their order, and end in any.
        """
        earlier, over = tuple(self._looking), asyncio.Event()
        self._looking.append(over)
        try:
            found = await lookup
            for one in earlier:
                await one.wait()
            yield found
        finally:
            self._looking.remove(over)
            over.set()

    @property
    def entries(self) -> Mapping[int, Entry]:
        """All entries by number."""
        return self._entries

    def knows(self, number: int) -> bool:
        """Returns whether the ledger has an entry of this number."""
        return number in self._entries

    def add_hit(self, hit: Hit) -> PassageEntry:
        """Returns the entry of this passage's reading, with a new number for a new one."""
        passage = hit.passage
        document = passage.document
        name = document.document_id if document.said else ""  # a message has no versions
        key = (name, document.version_id, passage.reading.start, passage.reading.end)
        number = self._readings.setdefault(key, len(self._entries) + 1)
        entry = self._entries.setdefault(number, PassageEntry(number, passage, hit))
        assert isinstance(entry, PassageEntry)  # noqa: S101  (readings only ever name passages)
        return entry

    def add_rows(self, rows: Rows, text: str) -> RowsEntry:
        """Adds a new entry for a query's rows and returns it."""
        entry = RowsEntry(len(self._entries) + 1, rows, text)
        self._entries[entry.number] = entry
        return entry

    def add_page(self, url: str, title: str, text: str, seen: date) -> PageEntry:
        """Returns the entry of this text of a page, with a new number for a new one."""
        entry = self._pages.get((url, text))
        if entry is None:
            entry = PageEntry(len(self._entries) + 1, url, title, text, seen)
            self._pages[url, text] = self._entries[entry.number] = entry
        return entry
