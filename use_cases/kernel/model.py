"""Values that several capabilities speak of: callers, documents, passages, search results, table rows.

All are frozen. Offsets count Unicode characters (code points) of a stored document version's
text, start included, end excluded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | None
"""One table cell."""


class Scope(StrEnum):
    """What an API key may be used for. A caller in local mode has them all."""

    CHAT = "chat"
    """Ask, and read and change one's own chats and answers."""
    KNOWLEDGE_READ = "knowledge:read"
    """Search, and read documents and tables."""
    KNOWLEDGE_WRITE = "knowledge:write"
    """Upload and remove documents."""
    ADVICE = "advice"
    """Ask for advice, tell outcomes, and read one's own record and its statistics."""
    TUNE = "advice:tune"
    """Change how stated confidence is corrected, for everyone."""
    METRICS = "metrics"
    """Read the server's figures."""


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf something is done. Rights travel with it, never with a model's arguments.

    `owns_all`: the one person of local mode, to whom everything on this machine belongs, under
    whatever user it was filed. Anyone else sees only what is filed under `user_id`. `key_id` is the
    API key that pays for what is asked.
    """

    user_id: str = "local"
    owns_all: bool = False
    scopes: frozenset[Scope] = frozenset(Scope)
    key_id: str | None = None


LOCAL = Caller(owns_all=True)
"""The one person of local mode."""


@dataclass(frozen=True, slots=True)
class Span:
    """A range of characters in a stored text."""

    start: int
    end: int

    def cut(self, text: str) -> str:
        """The characters of `text` inside this span."""
        return text[self.start : self.end]


class DateOrigin(StrEnum):
    """Where a document's date was found: stated, from version control, the file's own, or the day on
    which it was uploaded or found on the web.
    """

    STATED = "stated"
    GIT = "git"
    FILE = "file"
    UPLOAD = "upload"
    FETCHED = "fetched"


class Authority(IntEnum):
    """How much a document's word weighs; between two of equal weight the later one wins."""

    SUPERSEDED = 0
    DRAFT = 1
    NORMAL = 2
    OFFICIAL = 3


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """One stored version of one document, as a citation needs to name it."""

    document_id: str
    version_id: int
    name: str
    """Path below the ingested root (or the uploaded file's name): what a person recognises."""
    title: str
    category: str
    updated: date
    date_origin: DateOrigin
    authority: Authority = Authority.NORMAL
    superseded_by: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved piece of a document version: `span` was matched, `reading` is what is read.

    `text` is exactly `span` of the version's text and `reading_text` exactly `reading`;
    `reading` contains `span`.
    """

    passage_id: int
    document: DocumentRef
    section: str
    """The headings above it, joined by ` › `; empty at the top of a document."""
    page: int | None
    span: Span
    text: str
    reading: Span
    reading_text: str


@dataclass(frozen=True, slots=True)
class LaneScore:
    """What one lane said of a passage: its rank (from 1), its own score, its share of the fused one."""

    rank: int
    score: float
    contribution: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage in a search result, with the account of why it stands there.

    `score` is the fused score (or the reranker's relevance where one ran); higher is better.
    `replaced_by` is the version that replaces the passage's document, where the search found both.
    Lane scores: cosine similarity for vectors, BM25 (higher is better) for full text; `name` is
    full text again, over the question's identifiers alone.
    """

    passage: Passage
    score: float
    vector: LaneScore | None = None
    bm25: LaneScore | None = None
    name: LaneScore | None = None
    rerank: LaneScore | None = None
    replaced_by: DocumentRef | None = None

    @property
    def superseded(self) -> bool:
        """Whether another version of its document is in force, by what is known or it says itself."""
        return self.replaced_by is not None or (
            self.passage.document.authority is Authority.SUPERSEDED
        )


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found, best first, and what the reader should know about how it was found."""

    query: str
    hits: Sequence[Hit] = ()
    notices: Sequence[str] = ()
    """Sentences such as "the reranker failed, so the fused order is shown"."""


class ColumnType(StrEnum):
    """The types a loaded table's column can have."""

    TEXT = "text"
    INTEGER = "integer"
    REAL = "real"
    DATE = "date"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a loaded table: its SQL name, the name in the file, its type and meaning."""

    name: str
    original: str
    type: ColumnType
    description: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A loaded table as a person or a model needs to know it before asking it something."""

    name: str
    title: str
    description: str
    columns: Sequence[Column]
    row_count: int
    document: DocumentRef


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one read-only query.

    `truncated` is true when the query had more than `limit` rows (or more bytes than allowed);
    `tables` are the loaded tables that the query read.
    """

    sql: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Scalar]]
    truncated: bool
    limit: int
    tables: Sequence[Table] = ()

    @property
    def table_names(self) -> Sequence[str]:
        """The names of the loaded tables that the query read."""
        return [table.name for table in self.tables]
