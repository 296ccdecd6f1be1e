"""The JSON of conversations: of those that are here, of imports, and of the reports on files."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from backend.schemas.schema import Schema, attribute, fields_of
from use_cases.conversations import model as values
from use_cases.conversations.message_tree import shown_branch
from use_cases.conversations.shown_text import shown_text
from use_cases.kernel.citations.sources import Mode, Outcome
from use_cases.kernel.page import Page


class ConversationReportReply(Schema):
    """One conversation. `branches` counts leaves; the maps count by type or reason."""

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


class NotReadReply(Schema):
    """A part of the file that was left out on purpose."""

    place: str
    reason: str


class FaultReply(Schema):
    """A place of the file that could not be read."""

    place: str
    detail: str


class ImportReportReply(Schema):
    """A file, with the sums over its conversations."""

    file: str
    parser_version: int
    messages: int
    kept: Mapping[str, int]
    hidden: Mapping[str, int]
    not_understood: Mapping[str, int]
    irregular: Mapping[str, int]
    conversations: Sequence[ConversationReportReply]
    not_read: Sequence[NotReadReply]
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


class ImportResult(BaseModel):
    """An import: conversations by outcome, messages that are new or have changed, and the report."""

    outcomes: Mapping[values.ImportOutcome, int]
    conflicts: int
    too_long: int
    added: int
    changed: int
    report: ImportReportReply

    @classmethod
    def of(cls, done: values.ImportDone) -> Self:
        """From the end of an import."""
        report = ImportReportReply.of(done.report)
        return cls.model_validate({**fields_of(cls, done), "report": report})


class ConversationReply(BaseModel):
    """A conversation. What only an imported one has is null in one that began here."""

    id: str
    user_id: str
    title: str
    created_at: datetime
    updated_at: datetime
    is_locked: bool = Field(description="A project was made of it.")
    mode: Mode = Field(
        description="grounded: a text without a source is withdrawn; open: it stays, as `unsourced`."
    )
    source: str | None = None
    source_id: str | None = None
    url: str | None = None
    model: str | None = None
    project: str | None = None
    import_date: datetime | None = None

    @classmethod
    def of(cls, one: values.StoredConversation) -> Self:
        """From a stored one."""
        own = fields_of(cls, one) | {"id": one.chat_id, "is_locked": one.locked_at is not None}
        if (origin := one.origin) is not None:
            named = ("source", "source_id", "url", "model", "project")
            own |= {name: getattr(origin, name) or None for name in named}
            own["import_date"] = origin.imported_at
        return cls.model_validate(own)


class ConversationPageReply(BaseModel):
    """Some of a person's conversations, the last used first."""

    conversations: list[ConversationReply]
    limit: int
    next_before: str | None = Field(
        description="Pass it as `before` to get the next page; null on the last page."
    )

    @classmethod
    def of(cls, page: Page[values.StoredConversation], *, limit: int) -> Self:
        """From a page of at most `limit`."""
        return cls(
            conversations=[ConversationReply.of(one) for one in page],
            limit=limit,
            next_before=page[-1].chat_id if page.more else None,
        )


class MessageReply(BaseModel):
    """A message of the tree. Two with one `parent_id` are branches."""

    id: str
    source_id: str = Field(description="The id that it has at its source; here, its own.")
    parent_id: str | None
    role: values.MessageRole
    content: str = Field(description="Its text, as a reader sees it.")
    parts: list[values.Part]
    author: str
    model: str
    hidden: values.HiddenBecause | None = Field(description="The reason why it is not shown.")
    created_at: datetime | None
    is_complete: bool
    is_shown: bool = Field(description="It is on the branch that is shown.")
    is_said: bool = Field(description="Readers and models get it: it is not hidden.")
    outcome: Outcome | None = Field(description="Of an answer that was given here; else null.")

    @classmethod
    def of(cls, stored: values.StoredMessage, *, is_shown: bool) -> Self:
        """From a stored one."""
        one = stored.message
        return cls.model_validate(
            {
                **fields_of(cls, one),
                "id": one.message_id,
                "source_id": stored.source_message_id,
                "content": shown_text(one.parts),
                "is_shown": is_shown,
                "is_said": one.is_said,
                "outcome": stored.outcome,
            }
        )


class ConversationTreeReply(ConversationReply):
    """A conversation with all its messages, parents first."""

    leaf_id: str | None = Field(description="The last message of the branch that is shown.")
    messages: list[MessageReply]

    @classmethod
    def from_tree(cls, tree: values.StoredTree) -> Self:
        """From a stored one."""
        shown = shown_branch(tree)
        about = ConversationReply.of(tree.conversation).model_dump()
        messages = [
            MessageReply.of(one, is_shown=one.message.message_id in shown) for one in tree.messages
        ]
        return cls(**about, leaf_id=tree.conversation.leaf_id, messages=messages)
