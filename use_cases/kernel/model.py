"""The values that several capabilities share: callers, documents and which version stands, passages, search
results, rows, pages of a list.

All are frozen. Offsets count Unicode characters (code points) of a stored document version's
text, start included, end excluded. Of two versions of a document the more authoritative, then the later one
stands: search marks and orders by it, offline answers quote and compare by it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum
from functools import lru_cache
from posixpath import splitext
from typing import NamedTuple, Self, TypeAlias, TypeVar

from use_cases.kernel.errors import InvalidInput

Scalar: TypeAlias = str | int | float | None
"""A table cell."""

Vector: TypeAlias = bytes
"""A unit-length embedding as little-endian float32 bytes."""


@dataclass(frozen=True, slots=True)
class PassageVectors:
    """The vectors of a passage: its own, and its token vectors where it has them.

    `tokens` is in the embedder's own form (`TokenEmbedder.compare_tokens` reads it), stored unchanged,
    and empty for an embedder that makes none.
    """

    vector: Vector
    tokens: bytes = b""


class Scope(StrEnum):
    """A permission of an API key. A caller in local mode has them all."""

    CHAT = "chat"
    """Ask, and read and change one's own chats and answers."""
    KNOWLEDGE_READ = "knowledge:read"
    """Search, and read documents and tables."""
    KNOWLEDGE_WRITE = "knowledge:write"
    """Upload and remove documents."""
    ADVICE = "advice"
    """Ask for advice, report outcomes, and read one's own record and its statistics."""
    TUNE = "advice:tune"
    """Change the correction of stated confidence, for all callers."""
    PLAYGROUND = "playground"
    """Read and change prompts, datasets and evaluations."""
    PROMOTE = "playground:promote"
    """Decide which prompts and models the product uses, for all callers."""
    BENCHMARK = "benchmark"
    """Run the benchmark of cleaning tables, and read its tasks, runs and leaderboard."""
    CONVERSATIONS = "conversations"
    """Import, read, search and change one's own conversations, and what is made of them."""
    METRICS = "metrics"
    """Read the server's figures."""
    ADMIN = "admin"
    """Administer the server for all users."""
    SERVICE = "service"
    """Act for a user whom the request names, where a route allows it."""


ADMINISTRATOR_SCOPES = frozenset(Scope) - {Scope.SERVICE}
"""The permissions of a signed-in administrator."""

USER_SCOPES = ADMINISTRATOR_SCOPES - {
    Scope.KNOWLEDGE_WRITE,
    Scope.TUNE,
    Scope.PROMOTE,
    Scope.METRICS,
    Scope.ADMIN,
}
"""The permissions of every signed-in user: none that changes what others read."""


class Door(StrEnum):
    """The way in by which a question came; its record names it."""

    HTTP = "http"
    CLI = "cli"
    MCP = "mcp"
    """The Model Context Protocol, by `candor mcp` or at `/mcp`."""
    OPENAI = "openai"
    """The chat API in OpenAI's form, under `/v1`."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The user of a request with its rights, which never come from a model's arguments.

    `owns_all`: the only user of local mode, who owns all records on this machine, of any user. Others
    see only the records of `user_id`. `key_id` is the API key that is charged. A door that is not plain
    HTTP states itself as `door` (`dataclasses.replace`).
    """

    user_id: str = "local"
    owns_all: bool = False
    scopes: frozenset[Scope] = frozenset(Scope)
    key_id: str | None = None
    door: Door = Door.HTTP


LOCAL = Caller(owns_all=True, door=Door.CLI)
"""The only user of local mode, at the command line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authored:
    """A thing that a person makes, names and changes. `revision` goes up with every change of its
    fields; what is deleted stays stored, hidden.
    """

    user_id: str
    name: str
    created_at: datetime
    updated_at: datetime
    description: str = ""
    revision: int = 1
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A range of characters."""

    start: int
    end: int

    def cut(self, text: str) -> str:
        """Returns the characters of `text` inside this span."""
        return text[self.start : self.end]


class DateOrigin(StrEnum):
    """The origin of a document's date: stated, git, the file, the upload, or the web search."""

    STATED = "stated"
    GIT = "git"
    FILE = "file"
    UPLOAD = "upload"
    FETCHED = "fetched"


class Authority(IntEnum):
    """The authority of a document; of two with equal authority the later one wins."""

    SUPERSEDED = 0
    DRAFT = 1
    NORMAL = 2
    OFFICIAL = 3


@dataclass(frozen=True, slots=True)
class Said:
    """The speaker of a message: the `user`, a `tool`, the instructions (`system`), or an `assistant` with its
    `model`, empty where it is not known.

    `source` is the assistant's service that it was imported from, empty for what was said here.
    """

    role: str
    model: str = ""
    source: str = ""

    @property
    def who(self) -> str:
        """The speaker's name, for the person whose conversation it is."""
        known = {"user": "you", "tool": "a tool", "system": "the notes of the chat"}
        return known.get(self.role) or self.model or "the assistant"


_MARKDOWN = {".md", ".markdown", ".mdx"}


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A reference to a stored version of a document, for citations.

    Or to a message of a conversation, which is what somebody `said`: its id is the message's, its name
    the conversation's id, and its date the day on which it was said.
    """

    document_id: str
    version_id: int
    name: str
    """The path below the ingested root, or the uploaded file's name, for users."""
    title: str
    category: str
    updated: date
    date_origin: DateOrigin
    authority: Authority = Authority.NORMAL
    superseded_by: str | None = None
    said: Said | None = None

    @property
    def attribution(self) -> str | None:
        """The speaker and the moment, and that nobody verified it; None for a document."""
        if self.said is None:
            return None
        return f"said by {self.said.who} on {self.updated.isoformat()}, not verified"

    @property
    def is_markdown(self) -> bool:
        """True if its text is Markdown, which marks its headings and emphasis; that of a message is."""
        return bool(self.said) or splitext(self.name)[1].lower() in _MARKDOWN


SEPARATOR = " › "
"""The separator of the headings in a section."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved piece of a document version: `span` was matched, `reading` is its context.

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

    @property
    def headings(self) -> Sequence[str]:
        """The headings above it, from the first to the nearest."""
        return self.section.split(SEPARATOR) if self.section else ()


class LaneScore(NamedTuple):
    """A passage in one lane: its rank (from 1), its score, its share of the fused score."""

    rank: int
    score: float
    contribution: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage in a search result, with its scores.

    `score` is the fused score, or the reranker's relevance where one ran; higher is better.
    `replaced_by` is the version that replaces the passage's document, where the search found both.
    Lane scores: cosine similarity for vectors, BM25 (higher is better) for full text; `name` is
    full text again, over the question's identifiers alone; `tokens` is the MaxSim score of a passage
    that was compared with the question token by token.
    """

    passage: Passage
    score: float
    vector: LaneScore | None = None
    bm25: LaneScore | None = None
    name: LaneScore | None = None
    tokens: LaneScore | None = None
    rerank: LaneScore | None = None
    replaced_by: DocumentRef | None = None

    @property
    def superseded(self) -> bool:
        """True if another version of its document is in force, by the search or its own statement."""
        return self.replaced_by is not None or (
            self.passage.document.authority is Authority.SUPERSEDED
        )

    @property
    def superseded_by(self) -> str | None:
        """The name of the document of that version; None where it is not known."""
        stated = self.passage.document.superseded_by
        return self.replaced_by.name if self.replaced_by else stated


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The hits of a search, best first, with notices about the search."""

    query: str
    hits: Sequence[Hit] = ()
    notices: Sequence[str] = ()
    """Sentences such as "The reranker failed: results are in the order of the fused scores"."""


class ColumnType(StrEnum):
    """The type of a loaded table's column."""

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
    """The description of a loaded table, for users and models."""

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


T = TypeVar("T")


class Page(tuple[T, ...]):
    """Some things of a list, in its order; `more`: others come after them, where the list goes on.

    `total` counts all that match; 0 where nobody counts.
    """

    more: bool
    total: int

    def __new__(cls, items: Iterable[T] = (), *, more: bool = False, total: int = 0) -> Self:
        """Returns a page of these."""
        page = super().__new__(cls, items)
        page.more = more
        page.total = total
        return page


def page_of(found: Sequence[T], limit: int, *, total: int = 0) -> Page[T]:
    """Returns the first `limit` of what was found; one more than that says that there are more."""
    return Page(found[:limit], more=len(found) > limit, total=total)


def require_limit(limit: int, most: int) -> None:
    """Raises `InvalidInput` for a limit outside 1 to `most`."""
    if not 1 <= limit <= most:
        raise InvalidInput(f"The limit must be from 1 to {most}, not {limit}.")


_MOST_LISTED = 50


class CategoryUnknown(InvalidInput):
    """No stored document is in this category."""

    code = "category_unknown"
    title = "Unknown category"
    default_hint = "Name one that exists; `candor documents` shows the category of each document."


def require_category(category: str, known: Sequence[str]) -> None:
    """Raises `CategoryUnknown`, with a list of the known ones, unless `category` is one of them.

    Case and surrounding space are ignored.
    """
    if category.strip().casefold() in {one.strip().casefold() for one in known}:
        return
    if not known:
        raise CategoryUnknown(
            f"There is no category {category!r}: nothing has been ingested yet.",
            hint="Begin with: candor ingest FOLDER",
        )
    listed = ", ".join(sorted(known)[:_MOST_LISTED])
    more = f" and {len(known) - _MOST_LISTED} more" if len(known) > _MOST_LISTED else ""
    raise CategoryUnknown(f"There is no category {category!r}. There are: {listed}{more}.")


_VERSION = re.compile(
    r"(?:^|[-_. ()\[])(?:v(?:ersion|er)?[-_. ]?\d+(?:\.\d+)*|rev(?:ision)?[-_. ]?\d+(?:\.\d+)*|"
    r"(?:19|20)\d\d(?:(?:0[1-9]|1[0-2])[0-3]\d|(?:[-_.](?:0[1-9]|1[0-2])(?:[-_.][0-3]\d)?)?)"
    r")(?=$|[-_. ()\]])"
)
"""A version in a file name: `v2`, `version 2.1`, `rev 3`, a year, a date.

A bare number is none: `form-12` and `form-13` are two forms.
"""

_NAMES = 4096
"""The names whose parts are kept: a busy server needs the same ones with every search."""


def outdated(documents: Iterable[DocumentRef]) -> dict[int, DocumentRef]:
    """Maps each outdated version id to the document among the given ones that replaces it.

    Two documents are versions of one another when their file names (in the same folder), stripped
    of version markers and dates, are equal (`family_of`), or when one names the other in `superseded_by`. The
    more authoritative replaces the other, then the later, then the higher version in its name.
    """
    known = {document.version_id: document for document in documents}
    families: dict[str, list[DocumentRef]] = {}
    called: dict[str, list[DocumentRef]] = {}
    for document in known.values():
        families.setdefault(family_of(document.name), []).append(document)
        called.setdefault(_file_name(document.name), []).append(document)
    replaced: dict[int, DocumentRef] = {}
    for old in known.values():
        family = families[family_of(old.name)]
        if len(family) == 1 and not old.superseded_by:  # nearly all
            continue
        rank = standing(old)
        newer = [new for new in family if standing(new) > rank]
        if old.superseded_by:
            named = called.get(_file_name(old.superseded_by), [])
            newer += [new for new in named if new.version_id != old.version_id]
        if newer:
            replaced[old.version_id] = max(newer, key=standing)
    return replaced


def standing(document: DocumentRef) -> tuple[int, str, tuple[int, ...]]:
    """Returns the sort key of a document's versions: authority, date, version in its name."""
    superseded = document.superseded_by is not None
    authority = Authority.SUPERSEDED if superseded else document.authority
    return (int(authority), document.updated.isoformat(), version_number(document.name))


@lru_cache(maxsize=_NAMES)
def version_number(name: str) -> tuple[int, ...]:
    """Returns the version in a file name as numbers, empty without one."""
    found = _VERSION.search(_stem(name))
    return tuple(int(n) for n in re.findall(r"\d+", found.group())) if found else ()


@lru_cache(maxsize=_NAMES)
def family_of(name: str) -> str:
    """Returns what the names of a document's versions have in common: folder and name, without versions and dates."""
    stem = _stem(name)
    rest = re.sub(r"[-_. ()\[\]]+", " ", _VERSION.sub(" ", stem)).strip()
    return f"{name.rpartition('/')[0]}/{rest or stem}"


def _stem(name: str) -> str:
    return splitext(_file_name(name))[0].lower()


def _file_name(name: str) -> str:
    return name.rpartition("/")[2]
