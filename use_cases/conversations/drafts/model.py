"""The values of project drafts: a draft, its versions, the chat about it, and the project made of it.

A conversation has at most one draft, and at most one project. The chat about a draft is a conversation of
its own, whose id is the draft's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from use_cases.conversations.errors import DraftInvalid, ProposalOutdated
from use_cases.kernel.runs.record import PastTurn, RunRecord
from use_cases.kernel.text.plain_text import without_unstorable

if TYPE_CHECKING:
    # For one annotation. The tables of chats store a `DraftReply`, and no chat needs these fifty shapes.
    from use_cases.conversations.model import Spoken

LONGEST_TITLE = 80
"""In characters: as long as Linear shows a project's name."""
LONGEST_DESCRIPTION = 100_000
"""In characters."""

UPDATE_TOOL = "update_project_draft"
CREATE_TOOL = "create_linear_project"

FIRST_DRAFT = "Write the first draft of a project from this conversation."
"""The message that asks for a first draft."""

CONVERSATION_BLOCK = "CONVERSATION"
FILE_BLOCK = "FILE"
MEMORIES_BLOCK = "MEMORIES"
SUMMARY_BLOCK = "SUMMARY"
DRAFT_BLOCK = "DRAFT"
"""The names of the blocks of material in the instructions of a model."""

ROLES: Mapping[str, str] = {"user": "PERSON", "assistant": "ASSISTANT"}
"""The names of roles in that material; others stand as they are, in capitals."""


class DraftContent(NamedTuple):
    """The text of a version: a title on one line, and a description in Markdown."""

    title: str
    description: str

    @classmethod
    def checked(cls, title: str, description: str) -> "DraftContent":
        """Returns the content as it can be stored. Raises `DraftInvalid`."""
        title = " ".join(without_unstorable(title).split())
        description = without_unstorable(description).strip()
        if not 1 <= len(title) <= LONGEST_TITLE:
            raise DraftInvalid(
                f"A title has 1 to {LONGEST_TITLE} characters; this has {len(title)}."
            )
        if not 1 <= len(description) <= LONGEST_DESCRIPTION:
            raise DraftInvalid(f"A description has 1 to {LONGEST_DESCRIPTION:,} characters.")
        return cls(title, description)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftVersion:
    """A version, which never changes. `version_number` counts from 1 within its draft."""

    version_id: str
    draft_id: str
    version_number: int
    title: str
    description: str
    is_manual_edit: bool
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectDraft:
    """A draft with the version in force; None until there is a first one."""

    draft_id: str
    conversation_id: str
    user_id: str
    created_at: datetime
    updated_at: datetime
    active_version: DraftVersion | None = None


def require_in_force(proposal_id: str, version_id: str | None) -> None:
    """Raises `ProposalOutdated` where another version than the proposed one is in force."""
    if proposal_id != version_id:
        raise ProposalOutdated(
            "The draft has changed since this was proposed, so it is not created."
        )


@dataclass(frozen=True, slots=True)
class DraftedConversation:
    """The shown branch of a conversation, oldest message first; `earlier` messages were not read."""

    conversation_id: str
    user_id: str
    title: str
    messages: "Sequence[Spoken]" = ()
    earlier: int = 0
    locked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftReply(RunRecord):
    """The recorded reply to a message about a draft; `reply_id` is also the id of its message."""

    reply_id: str
    draft_id: str
    text: str

    @property
    def proposal_id(self) -> str | None:
        """The version that was proposed as the project; None where the reply did not reach its end."""
        made = [call.made for call in self.tool_calls if call.made]
        return made[-1] if made and not self.interrupted else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftMessage:
    """A message of the chat about a draft. `reply` is there for the assistant's."""

    message_id: str
    role: str
    text: str
    created_at: datetime
    reply: DraftReply | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftOpening:
    """The beginning of a turn about a draft: the message to store, and the lease on the draft.

    `draft_id` and `first_message` are ids for a draft that is new; `until` is when the lease of
    the turn `reply_id` ends, unless it is renewed.
    """

    conversation_id: str
    draft_id: str
    title: str
    text: str
    message_id: str
    reply_id: str
    now: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class DraftOpened:
    """A turn that has begun: its draft, the message stored, and the turns before it, oldest first.

    `earlier` turns came before `past` and were not read. `proposal_id` is what the reply just before
    the message proposed.
    """

    draft: ProjectDraft
    message: DraftMessage
    past: Sequence[PastTurn] = ()
    earlier: int = 0
    proposal_id: str | None = None


class ProjectState(StrEnum):
    """The state of a project: its creation has begun, or it is there."""

    CREATING = "creating"
    CREATED = "created"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationProject:
    """The project of a conversation. `project_id` is a UUID (version 4) chosen here before the project
    is created, so that a creation that was interrupted goes on with it.

    `tracker` is where it is: `linear` or `local`. `url` is None for a local one.
    """

    project_id: str
    conversation_id: str
    tracker: str
    title: str
    description: str
    state: ProjectState
    created_by: str
    created_at: datetime
    url: str | None = None


class TrackedProject(NamedTuple):
    """A project as its tracker has it."""

    title: str
    description: str
    url: str | None
