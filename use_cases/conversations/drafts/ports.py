"""The needs of project drafts."""

from datetime import datetime
from typing import Protocol

from use_cases.conversations.drafts.model import (
    ConversationProject,
    DraftContent,
    DraftedConversation,
    DraftMessage,
    DraftOpened,
    DraftOpening,
    DraftReply,
    DraftVersion,
    ProjectDraft,
    TrackedProject,
)
from use_cases.kernel.identity.admission import Charge
from use_cases.kernel.model import Caller
from use_cases.kernel.page import Page


class ProjectDrafts(Protocol):
    """The stored drafts and projects of conversations. Each call is one short transaction.

    Every method raises `ConversationNotFound` for a conversation that is not there or another
    person's; those that write raise `ConversationLocked` once it has a project.
    """

    async def conversation(self, caller: Caller, conversation_id: str) -> DraftedConversation:
        """Return the shown branch; the newest messages of a long one."""
        ...

    async def draft(self, caller: Caller, conversation_id: str) -> ProjectDraft | None:
        """Return the draft; None where there is none."""
        ...

    async def save(
        self, caller: Caller, version: DraftVersion, conversation: DraftedConversation
    ) -> ProjectDraft:
        """Store the content under the next number, as the version in force.

        The number of `version` does not count; its `draft_id` is for a draft that is new.
        """
        ...

    async def versions(
        self, caller: Caller, conversation_id: str, *, skip: int, limit: int
    ) -> Page[DraftVersion]:
        """Return the versions, the newest first."""
        ...

    async def activate(
        self, caller: Caller, conversation_id: str, version_id: str, now: datetime
    ) -> ProjectDraft:
        """Put a version in force again. Raises `DraftVersionNotFound`."""
        ...

    async def project(self, caller: Caller, conversation_id: str) -> ConversationProject | None:
        """Return the project, also one whose creation has only begun."""
        ...

    async def begin_project(
        self, caller: Caller, project: ConversationProject, proposal_id: str | None = None
    ) -> tuple[ConversationProject, bool]:
        """Store that the creation begins, and return whether it is the first attempt.

        A later attempt keeps the id of the first, with its own content. Raises `ProposalOutdated` where
        another version than `proposal_id` is in force.
        """
        ...

    async def finish_project(
        self, project: ConversationProject, now: datetime
    ) -> ConversationProject:
        """Store that it is created, and lock its conversation, at once."""
        ...


class DraftTranscript(Protocol):
    """The chats about drafts, written turn by turn. Each call is one short transaction."""

    async def open(self, caller: Caller, opening: DraftOpening) -> DraftOpened:
        """Store the message (and its draft, where it is new), and hold the draft.

        Raises `ConversationNotFound`, `ConversationLocked` and `DraftBusy`.
        """
        ...

    async def close(
        self, reply: DraftReply, message_id: str, model_messages: str, charge: Charge | None
    ) -> None:
        """Store the reply under its message and let go of the draft; all or nothing.

        Raises `ConversationNotFound` when the draft is gone.
        """
        ...

    async def abandon(self, turn_id: str, charge: Charge | None) -> None:
        """End a turn without a reply."""
        ...

    async def messages(
        self, caller: Caller, conversation_id: str, *, limit: int, before: str | None = None
    ) -> Page[DraftMessage]:
        """Return the last messages (before the message `before`), oldest first; none without a draft.

        Raises `ConversationNotFound`, and `DraftMessageNotFound` for `before`.
        """
        ...


class ProjectTracker(Protocol):
    """A place for projects: Linear, or this installation itself."""

    @property
    def name(self) -> str:
        """Its name in records."""
        ...

    async def place(self) -> str:
        """Return where a project would be created, for people; asks, and raises what `create` raises."""
        ...

    async def find(self, project_id: str) -> TrackedProject | None:
        """Return the project with this id; None where there is none. Raises what `create` raises."""
        ...

    async def create(self, project_id: str, content: DraftContent) -> TrackedProject:
        """Create a project under an id (UUID, version 4) of the caller's; a second one is refused.

        Raises `RateLimited`, `LinearKeyRejected`, `LinearTeamNotFound`, and `UpstreamFailed` or
        `UpstreamTimeout`, after which the project may be there.
        """
        ...
