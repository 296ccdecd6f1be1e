"""Conversations as JSON: with their messages, files and summaries, what a search finds, and imports.

The names of search results are those of the hub's interface.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Self

from pydantic import BeforeValidator, Field

from backend.schemas.json_shape import NewestPage, Schema, attribute, shape_of
from use_cases.conversations import model as values
from use_cases.conversations.manage_attachments import Attached
from use_cases.conversations.message_tree import shown_branch, shown_text
from use_cases.conversations.model import ConversationSummary, SummaryMethod, SummaryRun
from use_cases.conversations.search.model import FoundTexts
from use_cases.kernel.citations.sources import Mode, Outcome
from use_cases.kernel.jobs.model import JobState

Stated = Annotated[str | None, BeforeValidator(lambda text: text or None)]
IsSet = Annotated[bool, BeforeValidator(lambda value: value is not None)]


@shape_of(values.Fault, omit=["error"])
class FaultReply(Schema):
    """A place of the file that could not be read."""


@shape_of(values.FileReport)
class ImportReportReply(Schema):
    """A file, with the sums over its conversations."""

    faults: Sequence[FaultReply]


class StoredReply(Schema):
    """A conversation of the file as it is stored here."""

    id: str = attribute("stored.chat_id", "The conversation's id here.")
    title: str = attribute("report.title", "The source's title.")
    source: str = attribute("report.source")
    source_id: str = attribute("report.source_id")
    outcome: values.ImportOutcome = attribute("stored.outcome")
    added: int = attribute("stored.added", "Messages that are new.")
    changed: int = attribute("stored.changed", "Messages whose content has changed.")


@shape_of(values.ImportDone)
class ImportResult(Schema):
    """An import: conversations by outcome, messages that are new or have changed, and the report."""

    report: ImportReportReply


class ConversationReply(Schema):
    """A conversation. What only an imported one has is null in one that began here."""

    id: str = attribute("chat_id")
    user_id: str
    title: str
    created_at: datetime
    updated_at: datetime
    is_locked: IsSet = attribute("locked_at", "A project was made of it.")
    mode: Mode = Field(
        description="grounded: a text without a source is withdrawn; open: it stays, as `unsourced`."
    )
    source: Stated = attribute("origin.source", None, None)
    source_id: Stated = attribute("origin.source_id", None, None)
    url: Stated = attribute("origin.url", None, None)
    model: Stated = attribute("origin.model", None, None)
    project: Stated = attribute("origin.project", None, None)
    import_date: datetime | None = attribute("origin.imported_at", None, None)


class ConversationPageReply(NewestPage):
    """Some of a person's conversations, the last used first."""

    conversations: list[ConversationReply]


class MessageReply(Schema):
    """A message of the tree. Two with one `parent_id` are branches."""

    id: str = attribute("message.message_id")
    source_id: str = attribute(
        "source_message_id", "The id that it has at its source; here, its own."
    )
    parent_id: str | None = attribute("message.parent_id")
    role: values.MessageRole = attribute("message.role")
    content: Annotated[str, BeforeValidator(shown_text)] = attribute(
        "message.parts", "Its text, as a reader sees it."
    )
    parts: list[values.Part] = attribute("message.parts")
    author: str = attribute("message.author")
    model: str = attribute("message.model")
    hidden: values.HiddenBecause | None = attribute(
        "message.hidden", "The reason why it is not shown."
    )
    created_at: datetime | None = attribute("message.created_at")
    is_complete: bool = attribute("message.is_complete")
    is_shown: bool = Field(description="It is on the branch that is shown.")
    is_said: bool = attribute("message.is_said", "Readers and models get it: it is not hidden.")
    outcome: Outcome | None = Field(description="Of an answer that was given here; else null.")


class ConversationTreeReply(ConversationReply):
    """A conversation with all its messages, parents first."""

    leaf_id: str | None = Field(description="The last message of the branch that is shown.")
    messages: list[MessageReply]

    @classmethod
    def from_tree(cls, tree: values.StoredTree) -> Self:
        """Reads it from a stored one."""
        shown = shown_branch(tree)
        messages = [
            MessageReply.of(one, is_shown=one.message.message_id in shown) for one in tree.messages
        ]
        return cls.of(tree.conversation, messages=messages)


class AttachedFile(Schema):
    """A file of a conversation."""

    id: str = attribute("file_id")
    conversation_id: str = attribute("chat_id")
    filename: str = attribute("name")
    file_type: str = attribute("media_type", "The media type by its content.")
    file_size: int = attribute("size", "In bytes.")
    sha256: str = Field(description="Of its bytes, in hexadecimal digits.")
    text_characters: int | None = attribute(
        "characters", "Characters of the text that was read from it; null without text."
    )
    text_note: str = Field(description="Why no text was read, or not all of it.")
    created_at: datetime
    summary_text: str | None = attribute("summary.text", "Null where none was made.", None)
    summary_model: str | None = attribute(
        "summary.model", "The model that wrote it; empty for sentences of the file itself.", None
    )
    summarised_at: datetime | None = attribute("summary.made_at", None, None)


class AttachmentReply(AttachedFile):
    """A file that was attached."""

    new: bool = Field(description="False where the conversation had this file already.")

    @classmethod
    def made(cls, attached: Attached) -> Self:
        """Reads it from what was attached."""
        return cls.of(attached.attachment, new=attached.new)


class FileSummaryReply(AttachedFile):
    """A file with its summary, and the run that makes one."""

    run: str | None = Field(description="The state of the newest run; null without one.")
    reason: str = Field(description="Why the newest run made nothing.")

    @classmethod
    def with_run(cls, file: values.Attachment, run: SummaryRun | None) -> Self:
        """Reads it from a file and its newest run."""
        return cls.of(file, run=run and run.state.value, reason=run.reason if run else "")


class SummaryReply(Schema):
    """The summary of a conversation, and the run that makes one."""

    conversation_id: str = attribute("chat_id")
    summary: str = attribute(
        "shown", "The person's text, else the made one; empty until it is made."
    )
    edited: IsSet = Field(description="True for a person's text, which no run replaces.")
    generated: str = attribute("text", "What was made last.")
    method: SummaryMethod | None = Field(
        description="`model`, `extractive` (sentences of the conversation, word for word), `external`."
    )
    model: str
    messages: int = Field(description="How many messages the made summary covers.")
    generated_at: datetime | None = attribute("made_at")
    edited_at: datetime | None
    run: str | None = Field(description="The state of the newest run; null without one.")
    reason: str = Field(description="Why the newest run made nothing.")

    @classmethod
    def with_run(cls, found: ConversationSummary, run: SummaryRun | None = None) -> Self:
        """Reads it from a summary and its newest run."""
        return cls.of(found, run=run and run.state.value, reason=run.reason if run else "")


class SummaryRunReply(Schema):
    """A run that makes a summary."""

    id: str = attribute("job_id")
    conversation_id: str = attribute("spec.chat_id")
    file_id: str | None = attribute(
        "spec.file_id", "The file that is summarised; null for its conversation."
    )
    method: SummaryMethod = attribute("spec.method")
    state: JobState


class FoundContent(Schema):
    """A text that a search found, or a conversation that was found by its title or address."""

    id: str = Field(description="The id of the text; of a conversation, its own.")
    content_type: str = Field(
        description="`imported_chat`, `chat`, `draft_chat`, `project_draft` or `file`."
    )
    content_snippet: str = attribute("snippet", "At most 320 characters around the first match.")
    score: float = Field(
        description="1 for an address, 0.95 and 0.9 for a title, at most 0.85 for content."
    )
    created_at: datetime
    conversation_id: str = attribute("conversation.chat_id")
    conversation_title: str = attribute("conversation.title")
    created_by_user_name: str
    created_by_user_email: str | None = attribute("conversation.user_email")
    source: str = attribute(
        "conversation.source", "The assistant it came from, such as `chatgpt`; or `candor`."
    )
    message_id: str | None = attribute(
        "text_id", "The message; null where the conversation itself was found."
    )
    branch: str = Field(
        description="`shown`, or the last message of the branch that the message is on."
    )
    role: Stated = Field(description="Who said it; null where the conversation was found.")


class SearchStatistics(Schema):
    """The size and time of a search."""

    query: str
    total_results: int = attribute("total")
    execution_time_ms: Annotated[float, BeforeValidator(lambda found: round(found, 1))] = attribute(
        "milliseconds"
    )
    results_by_type: Mapping[str, int] = attribute("by_type")


class ConversationResults(Schema):
    """A page of what a search found in conversations."""

    results: list[FoundContent]
    stats: SearchStatistics
    total_count: int = attribute("total")
    has_more: bool
    notices: list[str] = Field(description="Notices about the search, such as missing vectors.")

    @classmethod
    def of_search(cls, found: FoundTexts) -> Self:
        """Reads it from a page of results."""
        results = [
            FoundContent.of(
                one,
                id=one.text_id or one.conversation.chat_id,
                created_by_user_name=one.conversation.user_name or one.conversation.user_id,
            )
            for one in found.results
        ]
        return cls.of(found, results=results, stats=found)
