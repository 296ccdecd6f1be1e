"""The events that the chat about a draft adds to those of an agent run.

The first event is always `DraftTurnBegun`, the last `DraftReplyRecorded`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from pydantic_ai import AgentStreamEvent, CustomEvent

from use_cases.conversations.drafts.model import (
    ConversationProject,
    DraftMessage,
    DraftReply,
    DraftVersion,
    ProjectDraft,
)
from use_cases.kernel.runs.turn import RunBegun


@dataclass(kw_only=True)
class DraftTurnBegun(RunBegun):
    """The message is stored; `reply_id` will be the id of the reply."""

    draft: ProjectDraft
    message: DraftMessage
    reply_id: str

    @property
    def labels(self) -> Mapping[str, str]:
        """Draft and reply."""
        return {"draft_id": self.draft.draft_id, "run_id": self.reply_id}


@dataclass(kw_only=True)
class DraftUpdated(CustomEvent):
    """A new version of the draft is stored and in force."""

    draft: ProjectDraft


@dataclass(kw_only=True)
class ProjectProposed(CustomEvent):
    """The version in force is proposed as the project; nothing is created."""

    draft: ProjectDraft


@dataclass(kw_only=True)
class ConversationWasLocked(CustomEvent):
    """The project is created, and the conversation locked."""

    project: ConversationProject


@dataclass(kw_only=True)
class DraftReplyRecorded(CustomEvent):
    """The turn is over and stored. `draft` is the draft at its end, `proposal` its version that is
    proposed as the project.
    """

    reply: DraftReply
    draft: ProjectDraft
    updated: bool
    project: ConversationProject | None
    proposal: DraftVersion | None = None


DraftEvent: TypeAlias = (
    AgentStreamEvent
    | DraftTurnBegun
    | DraftUpdated
    | ProjectProposed
    | ConversationWasLocked
    | DraftReplyRecorded
)
"""An event of a turn about a draft."""
