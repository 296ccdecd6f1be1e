"""An imported conversation, and the report of what a file held.

Messages are a tree, because an edit or a regenerated answer is a branch. Promises: everything that an
importer met is in the conversation or counted in its report. Leaves to others: storage.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, NamedTuple, TypeAlias

from pydantic import Field

from use_cases.kernel.citations.sources import UNSOURCED, Mode, Outcome
from use_cases.kernel.errors import CandorError
from use_cases.kernel.jobs.model import Job
from use_cases.kernel.model import Vector

PARSER_VERSION = 2
"""Grows when the same file would be read differently; a stored payload of an older one may be read anew."""

HERE = "candor"
"""The source of a conversation that began here; its source id is its own."""


RUNS_CODE = frozenset(
    [
        *("python", "python_user_visible", "code_interpreter", "container.exec", "execute_code"),
        *("code_execution", "analysis", "repl", "bash", "bash_tool"),
    ]
)
"""The tools that run code, by the names that assistants give them."""


class MessageRole(StrEnum):
    """Speaker of a message."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


class HiddenBecause(StrEnum):
    """Why the source does not show a message; it is kept all the same."""

    MARKED = "marked_hidden"
    NOT_SENT = "weight_zero"
    SYSTEM = "system_message"
    CONTEXT = "context"
    TO_A_TOOL = "to_a_tool"
    REASONING = "reasoning"
    BROWSING = "browsing"
    CONTROL = "control"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPart:
    """Text as it was written, mostly Markdown."""

    kind: Literal["text"] = "text"
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePart:
    """Code that stands for itself. `language` is empty where the source names none."""

    kind: Literal["code"] = "code"
    text: str
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasoningPart:
    """The model's thinking, or a summary of it."""

    kind: Literal["reasoning"] = "reasoning"
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallPart:
    """A call of a tool. `input` is its JSON, or the text or code that was sent in `language`."""

    kind: Literal["tool_call"] = "tool_call"
    name: str
    input: str
    call_id: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResultPart:
    """The reply of a tool."""

    kind: Literal["tool_result"] = "tool_result"
    name: str
    text: str
    call_id: str = ""
    is_error: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePart:
    """A reference to a file. `text` is what the source extracted from it; its bytes are not here."""

    kind: Literal["file", "image", "audio"] = "file"
    name: str = ""
    reference: str = ""
    media_type: str = ""
    size: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationPart:
    """A source that the message names."""

    kind: Literal["citation"] = "citation"
    title: str
    url: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """A change of a document: `old`, as a text or as the pattern that the tool was given, became `new`."""

    old: str
    new: str
    every: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPart:
    """A version of a document that a model wrote beside the chat: an artifact, a canvas, a file.

    `version` counts from 1 along a branch. `text` is all of it; empty for a version by `changes` that
    could not be put together. Comments change nothing.
    """

    kind: Literal["document"] = "document"
    name: str
    document_id: str = ""
    version: int = 0
    language: str = ""
    text: str = ""
    changes: tuple[Replaced, ...] = ()
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotePart:
    """Text that the source keeps beside the messages: the instructions of the chat, or its own summary."""

    kind: Literal["note"] = "note"
    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownPart:
    """Content of a type that no importer knows: the type, and its JSON."""

    kind: Literal["unknown"] = "unknown"
    type: str
    json: str


Part: TypeAlias = Annotated[
    TextPart
    | CodePart
    | ReasoningPart
    | ToolCallPart
    | ToolResultPart
    | FilePart
    | CitationPart
    | DocumentPart
    | NotePart
    | UnknownPart,
    Field(discriminator="kind"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedMessage:
    """A message. `parent_id` is None for a first one; `is_complete` is false for an interrupted one."""

    message_id: str
    parent_id: str | None
    role: MessageRole
    parts: tuple[Part, ...]
    author: str = ""
    hidden: HiddenBecause | None = None
    created_at: datetime | None = None
    model: str = ""
    is_complete: bool = True

    @property
    def is_said(self) -> bool:
        """True if readers and models get it: what a person or a model said where the source shows it, and
        what tools wrote, which it may show elsewhere.
        """
        if self.hidden is None and self.role in (MessageRole.USER, MessageRole.ASSISTANT):
            return True
        if self.hidden not in (None, HiddenBecause.TO_A_TOOL, HiddenBecause.BROWSING):
            return False
        return any(map(_is_written, self.parts))


def _is_written(part: Part) -> bool:
    match part:
        case DocumentPart() | NotePart() | CodePart():
            return True
        case CitationPart(url=url):
            return bool(url)
        case FilePart(name=name, text=text):
            return bool(name or text)
        case ToolCallPart(name=name) | ToolResultPart(name=name):
            return name in RUNS_CODE
        case _:
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedConversation:
    """A conversation of another assistant.

    `messages` has every parent before its children. `current_id` is the last message of the branch
    that the source showed; None only without messages. Dates are in UTC, None where unknown. `mode` is that
    of a chat that was exported here; None: the usual one of an imported chat.
    """

    source: str
    source_id: str
    title: str
    url: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    model: str = ""
    project: str = ""
    messages: tuple[ImportedMessage, ...] = ()
    current_id: str | None = None
    mode: Mode | None = None
    parser_version: int = PARSER_VERSION


class ConversationFormat(StrEnum):
    """A form of exported conversations: JSON is the one that an import reads back."""

    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationReport:
    """Report of a conversation, by type and count.

    `kept` counts parts by kind, `hidden` messages by reason, `not_understood` content types and fields
    by name, `irregular` what was out of order and how it was taken. `branches` counts leaves.
    """

    place: str
    source: str
    source_id: str
    title: str
    messages: int
    branches: int
    kept: Mapping[str, int]
    hidden: Mapping[str, int]
    not_understood: Mapping[str, int]
    irregular: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class JsonItem:
    """A value that may be a conversation, and its place in the file.

    `text` is how it stands there, where that is known; the same text is the same value.
    """

    place: str
    value: object
    text: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SavedPage:
    """An HTML page that was saved from a browser."""

    place: str
    html: str


@dataclass(frozen=True, slots=True)
class NotRead:
    """A part of the file that was left out on purpose, and why."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A place of the file that is broken or no known form, and in which way.

    `error` is what to raise where the file holds nothing else; None: an unknown form.
    """

    place: str
    detail: str
    error: CandorError | None = None


FileItem: TypeAlias = JsonItem | SavedPage | NotRead | Fault
"""A file as a stream: what may be conversations, and what is none."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A conversation with its report."""

    conversation: ImportedConversation
    report: ConversationReport


ImportStep: TypeAlias = Imported | NotRead | Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """Report of an import. The sums are over all its conversations."""

    file: str
    conversations: Sequence[ConversationReport]
    not_read: Sequence[NotRead]
    faults: Sequence[Fault]
    messages: int
    kept: Mapping[str, int]
    hidden: Mapping[str, int]
    not_understood: Mapping[str, int]
    irregular: Mapping[str, int]
    parser_version: int = PARSER_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOrigin:
    """The origin of a conversation that was imported; dates and title as its source has them.

    `shown_title` is the title that the conversation got here.
    """

    source: str
    source_id: str
    title: str
    shown_title: str
    url: str
    model: str
    project: str
    source_created_at: datetime | None
    source_updated_at: datetime | None
    imported_at: datetime
    parser_version: int
    report: ConversationReport


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredConversation:
    """A conversation of a person here; `origin` is None for one that began here.

    `leaf_id` is the last message of the branch that is shown. A project is made of it since `locked_at`.
    """

    chat_id: str
    user_id: str
    title: str
    leaf_id: str | None
    created_at: datetime
    updated_at: datetime
    locked_at: datetime | None
    mode: Mode
    origin: ImportOrigin | None


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message with the ids that it has here, and the id that it had at its source.

    `outcome` is that of an answer that was given here.
    """

    message: ImportedMessage
    source_message_id: str
    is_imported: bool
    outcome: Outcome | None = None

    @property
    def label(self) -> str:
        """A label that readers see beside its text; empty for most."""
        return UNSOURCED if self.outcome is Outcome.UNSOURCED else ""


@dataclass(frozen=True, slots=True)
class StoredTree:
    """A conversation with all its messages; those of one parent are in their order."""

    conversation: StoredConversation
    messages: Sequence[StoredMessage]


class ImportOutcome(StrEnum):
    """An import's effect on the stored conversation."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredImport:
    """The conversation after an import: how many messages are new in it, and how many have changed."""

    chat_id: str
    outcome: ImportOutcome
    added: int = 0
    changed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyImport:
    """A conversation to store, with its raw form as gzipped JSON and the SHA-256 of the file's text.

    `title` is shown here, and `texts` are what a reader sees of each message. It goes `into` that conversation; None: into the one of the same source and
    source id, which is made where there is none, or anyway if it is `always_new`. `again`: it is the form
    that is stored, read by a newer parser.
    """

    imported: Imported
    title: str
    texts: Sequence[str]
    digest: str
    payload: bytes
    at: datetime
    into: str | None = None
    always_new: bool = False
    again: bool = False


class DuplicateResolution(StrEnum):
    """The way to treat a conversation that was imported before."""

    PROMPT = "prompt"
    """Report the conflict, and store nothing."""
    CREATE_NEW = "create_new"
    """Store it beside the other."""
    UPDATE_EXISTING = "update_existing"
    """Add what is new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelLimit:
    """The model that shall read a conversation, and how many tokens of one fit into it.

    A longer one is stored only where its summary is `accepted`.
    """

    model: str
    tokens: int
    accepted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportChoice:
    """Treatment of duplicates, and for an update the conversation that the file's one goes `into`.

    `limit` None: a conversation of any length. `again`: the stored form is read by a newer parser.
    """

    duplicates: DuplicateResolution = DuplicateResolution.UPDATE_EXISTING
    into: str | None = None
    limit: ModelLimit | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class ConversationStored:
    """A conversation of the file is stored, whatever its outcome was.

    `too_long` for the model that shall read it, so that its summary was accepted. `belongings` are what
    the file has of what hangs on it, unread.
    """

    report: ConversationReport
    stored: StoredImport
    too_long: bool = False
    belongings: object = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ConversationConflict:
    """A conversation of the file is here already; nothing was stored."""

    report: ConversationReport
    conversations: Sequence[StoredConversation]


@dataclass(frozen=True, slots=True)
class ModelLimitConflict:
    """A conversation of the file is too long for the model that shall read it; nothing was stored.

    `tokens` is an estimate.
    """

    report: ConversationReport
    tokens: int
    limit: ModelLimit


@dataclass(frozen=True, slots=True)
class SummaryBegun:
    """The summary of a stored conversation is being made."""

    chat_id: str
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportDone:
    """The end of an import: conversations by outcome, and messages that are new or have changed.

    `conflicts` counts those that were here already, `too_long` those that no model could read.
    """

    report: FileReport
    outcomes: Mapping[ImportOutcome, int]
    conflicts: int
    too_long: int
    added: int
    changed: int


@dataclass(frozen=True, slots=True)
class ImportBegun:
    """The first event; what goes wrong from here on is an event, too."""


ImportEvent: TypeAlias = (
    ImportBegun
    | ConversationStored
    | ConversationConflict
    | ModelLimitConflict
    | SummaryBegun
    | NotRead
    | Fault
    | ImportDone
)


TEXT_MEDIA_TYPE = "text/plain"
"""Begins the media type of every text, behind which its charset may stand."""
PDF_MEDIA_TYPE = "application/pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class SniffedFile:
    """A file as its content shows it. `sha256` is in hexadecimal digits."""

    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSummary:
    """The summary of a file, by a model; without one it is sentences of the file, word for word."""

    text: str
    made_at: datetime
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment(SniffedFile):
    """A file of a conversation. `key` is its place in the file store.

    `characters` is the length of the text that was read from it, None where there is none; `text_note`
    says why there is none or not all of it. `summary_run_id` is the newest run that was begun to make
    a summary.
    """

    file_id: str
    chat_id: str
    user_id: str
    name: str
    key: str
    created_at: datetime
    characters: int | None = None
    text_note: str = ""
    summary: FileSummary | None = None
    summary_run_id: str | None = None


class SummaryMethod(StrEnum):
    """The origin of a summary: written by a model, sentences of the conversation, or another service."""

    MODEL = "model"
    EXTRACTIVE = "extractive"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationSummary:
    """The summary of a conversation, and the newest run that was begun to make one.

    `text` was made by `method` (empty until then) from so many `messages`; `model` names the model, where
    there was one. `edited` is a person's own text, which no run replaces.
    """

    chat_id: str
    run_id: str | None = None
    text: str = ""
    method: SummaryMethod | None = None
    model: str = ""
    messages: int = 0
    made_at: datetime | None = None
    edited: str | None = None
    edited_at: datetime | None = None

    @property
    def shown(self) -> str:
        """The person's text, else the one that was made."""
        return self.text if self.edited is None else self.edited


@dataclass(frozen=True, slots=True)
class Submission:
    """The job of the other service that a run waits for."""

    external_id: str
    submitted_at: datetime


class Spoken(NamedTuple):
    """The shown text of a message, and who said it, such as `user`; nobody says a file."""

    role: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryOrder:
    """The order of a summary: of a conversation to its message `leaf_id`, or of its file.

    `key_id` is the API key that is charged.
    """

    chat_id: str
    leaf_id: str = ""
    method: SummaryMethod
    model: str = ""
    key_id: str | None = None
    file_id: str | None = None


SummaryRun: TypeAlias = Job[SummaryOrder]
"""A run that makes a summary; `reason` is the error that ended or interrupted it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """A memory that was found; `score` is from 0 to 1."""

    memory_id: str
    text: str
    score: float
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberedText:
    """A text that is remembered here: the shown summary of the conversation `memory_id`.

    `vector` is the one of this text by the embedder that was asked for, None where it is not stored.
    """

    memory_id: str
    text: str
    created_at: datetime | None
    vector: Vector | None
