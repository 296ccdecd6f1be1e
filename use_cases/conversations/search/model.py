"""The types of the search over conversations.

A conversation is one stored document of the index; its passages are cut at the borders of messages, so
a passage belongs to one message, and its place says to which.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from use_cases.kernel.fusion import Candidate
from use_cases.kernel.model import Span

SHOWN = "shown"
"""The branch of a message that its conversation shows; that of another is its last message's id."""


class ContentType(StrEnum):
    """Kind of thing that a text is part of."""

    IMPORTED_CHAT = "imported_chat"
    CHAT = "chat"
    DRAFT_CHAT = "draft_chat"
    PROJECT_DRAFT = "project_draft"
    FILE = "file"


class Status(StrEnum):
    """State of the conversations that are searched: a completed one has become a project and is locked."""

    ALL = "all"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"


class SortBy(StrEnum):
    """The order of results. Relevance is the score; dates and title are the conversation's."""

    RELEVANCE = "relevance"
    SCORE = "score"
    UPDATED = "updated"
    IMPORTED = "imported"
    TITLE = "title"


class SortDir(StrEnum):
    """The direction of the order."""

    ASC = "asc"
    DESC = "desc"


def web_address(text: str) -> str | None:
    """Returns host and path of a web address, by which two are compared; None for other text."""
    text = text.strip()
    if not text.lower().startswith(("https://", "http://")) or " " in text:
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return f"{parts.netloc.lower()}{parts.path.rstrip('/')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationHead:
    """A conversation without its messages.

    `source` is the assistant that it came from, or `candor`. `urls` lead to it elsewhere. `stamp`
    changes with everything that search depends on. Its shown branch, and
    that of the chat about its draft, end at `leaf_ids`.
    """

    chat_id: str
    user_id: str
    title: str
    source: str
    stamp: str
    created_at: datetime
    updated_at: datetime
    content_type: ContentType
    leaf_ids: Sequence[str] = ()
    urls: Sequence[str] = ()
    model: str = ""
    imported_at: datetime | None = None
    locked: bool = False
    user_name: str | None = None
    user_email: str | None = None

    @property
    def addresses(self) -> Sequence[str]:
        """The addresses that lead to it, in the form in which they are compared."""
        return [address for url in self.urls if (address := web_address(url))]


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidText:
    """A text of a conversation: a message, a draft or a file.

    A message that no reader sees has its place in the tree, and no text. What is no message has no role.
    """

    text_id: str
    parent_id: str | None
    content_type: ContentType
    role: str
    text: str
    created_at: datetime
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassagePlace:
    """Place of a passage: `offset` counts the characters of its text before it.

    A passage of the title belongs to no text: its `text_id` is empty.
    """

    chat_id: str
    text_id: str
    content_type: ContentType
    role: str
    model: str
    branch: str
    created_at: datetime
    offset: int


@dataclass(frozen=True, slots=True)
class PlacedPassage:
    """A passage: a span of the prepared text, and its place."""

    span: Span
    place: PassagePlace


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedConversation:
    """A conversation as one transaction stores it in the index. `addresses` are host and path of its urls."""

    chat_id: str
    user_id: str
    stamp: str
    updated_at: datetime
    title: str
    addresses: Sequence[str]
    text: str
    passages: Sequence[PlacedPassage]


@dataclass(frozen=True, slots=True)
class Changes:
    """The conversations that have changed since a mark, removed ones too; None: that is not known, so all
    have to be compared. `mark` is the one to ask with next time.
    """

    mark: str
    chat_ids: Collection[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFilter:
    """Conditions of a text; an empty one excludes none.

    Dates are those of a message, `until` excluded. Models and roles are compared without regard to
    case.
    """

    content_types: Sequence[ContentType] = ()
    roles: Sequence[str] = ()
    models: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFilter(TextFilter):
    """Conditions of a text, and of the conversation that it stands in."""

    sources: Sequence[str] = ()
    chat_ids: Sequence[str] = ()
    status: Status = Status.ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class TextConditions(TextFilter):
    """The part of a filter that the index decides, with the owner (None: of everybody).

    `chat_ids`: only these conversations; None for all.
    """

    user_id: str | None = None
    chat_ids: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class FoundLanes:
    """The candidates of each way of searching, best first.

    `similar` are the words that the owner wrote where a word of the query was never written.
    """

    near: Sequence[Candidate]
    others: Sequence[Sequence[Candidate]]
    similar: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundText:
    """A result: a text, or a conversation that was found by its title or address (`text_id` None)."""

    conversation: ConversationHead
    content_type: ContentType
    snippet: str
    score: float
    text_id: str | None = None
    branch: str = SHOWN
    role: str = ""
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTexts:
    """A page of results. `total` counts all that were found, `by_type` those of each content type."""

    query: str
    results: Sequence[FoundText]
    total: int
    has_more: bool
    by_type: dict[ContentType, int]
    milliseconds: float
    notices: Sequence[str] = ()
    is_current: bool = True
    """False while words or vectors of something are not in the index yet."""


@dataclass(frozen=True, slots=True)
class IndexGaps:
    """The gaps of the index: conversations, and vectors of passages."""

    conversations: int
    passages: int
