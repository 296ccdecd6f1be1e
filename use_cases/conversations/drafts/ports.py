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
from use_cases.kernel.model import Caller, Page


class ProjectDrafts(Protocol):
    """The stored drafts and projects of conversations. Each call is one short transaction.

    Every method raises `ConversationNotFound` for a conversation that is not there or another
    person's; those that write raise `ConversationLocked` once it has a project.
    """

    async def conversation(self, caller: Caller, conversation_id: str) -> DraftedConversation:
        """Returns the shown branch; the newest messages of a long one."""
        ...

    async def draft(self, caller: Caller, conversation_id: str) -> ProjectDraft | None:
        """Returns the draft; None where there is none."""
        ...

    async def save(
        self, caller: Caller, version: DraftVersion, conversation: DraftedConversation
    ) -> ProjectDraft:
        """Stores the content under the next number, as the version in force.

        The number of `version` does not count; its `draft_id` is for a draft that is new.
        """
        ...

    async def versions(
        self, caller: Caller, conversation_id: str, *, skip: int, limit: int
    ) -> Page[DraftVersion]:
        """Returns the versions, the newest first."""
        ...

    async def activate(
        self, caller: Caller, conversation_id: str, version_id: str, now: datetime
    ) -> ProjectDraft:
        """Puts a version in force again. Raises `DraftVersionNotFound`."""
        ...

    async def project(self, caller: Caller, conversation_id: str) -> ConversationProject | None:
        """Returns the project, also one whose creation has only begun."""
        ...

    async def begin_project(
        self, caller: Caller, project: ConversationProject, proposal_id: str | None = None
    ) -> tuple[ConversationProject, bool]:
        """Stores that the creation begins, and returns whether it is the first attempt.

        A later attempt keeps the id of the first, with its own content. Raises `ProposalOutdated` where
        another version than `proposal_id` is in force.
        """
        ...

    async def finish_project(
        self, project: ConversationProject, now: datetime
    ) -> ConversationProject:
        """Stores that it is created, and locks its conversation, at once."""
        ...


class DraftTranscript(Protocol):
    """The chats about drafts, written turn by turn. Each call is one short transaction."""

    async def open(self, caller: Caller, opening: DraftOpening) -> DraftOpened:
        """Stores the message (and its draft, where it is new), and holds the draft.

        Raises `ConversationNotFound`, `ConversationLocked` and `DraftBusy`.
        """
        ...

    async def close(
        self, reply: DraftReply, message_id: str, model_messages: str, charge: Charge | None
    ) -> None:
        """Stores the reply under its message and lets go of the draft; all or nothing.

        Raises `ConversationNotFound` when the draft is gone.
        """
        ...

    async def abandon(self, turn_id: str, charge: Charge | None) -> None:
        """Ends a turn without a reply."""
        ...

    async def messages(
        self, caller: Caller, conversation_id: str, *, limit: int, before: str | None = None
    ) -> Page[DraftMessage]:
        """Returns the last messages (before the message `before`), oldest first; none without a draft.

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
        """Returns where a project would be created, for people; asks, and raises what `create` raises."""
        ...

    async def find(self, project_id: str) -> TrackedProject | None:
        """Returns the project with this id; None where there is none. Raises what `create` raises."""
        ...

    async def create(self, project_id: str, content: DraftContent) -> TrackedProject:
        """Creates a project under an id (UUID, version 4) of the caller's; a second one is refused.

        Raises `RateLimited`, `LinearKeyRejected`, `LinearTeamNotFound`, and `UpstreamFailed` or
        `UpstreamTimeout`, after which the project may be there.
        """
        ...
