"""Creates the project of a conversation, once, and locks the conversation.

Promises: whatever happens in between (a killed process, a lost answer, two requests at once), at most one
project is created: its id is stored before the tracker is asked, later attempts look for it first, and the
tracker refuses a second one with the same id. Leaves to others: the tracker's interface.
"""

from dataclasses import replace
from hashlib import sha256
from uuid import UUID

from use_cases.conversations.drafts.errors import ConversationProjectNotFound, ProjectDraftNotFound
from use_cases.conversations.drafts.model import (
    ConversationProject,
    DraftContent,
    ProjectState,
    TrackedProject,
)
from use_cases.conversations.drafts.ports import ProjectDrafts, ProjectTracker
from use_cases.conversations.drafts.project_drafts import ManageProjectDrafts
from use_cases.kernel.errors import CandorError, UpstreamFailed, UpstreamTimeout
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Clock, Entropy
from use_cases.kernel.runs.cancellation import completed

_VERSION = 4
_UUID_BYTES = 16


class CreateProject:
    """Creates the project of a conversation, and shows it."""

    def __init__(
        self,
        *,
        drafts: ProjectDrafts,
        manage_drafts: ManageProjectDrafts,
        tracker: ProjectTracker,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._drafts = drafts
        self._manage = manage_drafts
        self._tracker = tracker
        self._clock = clock
        self._entropy = entropy

    async def place(self) -> str:
        """Where a project would be created; asks the tracker. Raises its errors."""
        return await self._tracker.place()

    async def show(self, caller: Caller, conversation_id: str) -> ConversationProject:
        """The project. Raises `ConversationNotFound` and `ConversationProjectNotFound`."""
        found = await self._drafts.project(caller, conversation_id)
        if found is None:
            raise ConversationProjectNotFound("No project was made of this conversation.")
        return found

    async def run(
        self,
        caller: Caller,
        conversation_id: str,
        *,
        title: str | None = None,
        description: str | None = None,
        by_hand: bool = True,
    ) -> ConversationProject:
        """Create it of the draft; a title or description that differs becomes its last version first.

        A creation that was interrupted goes on. Raises `ConversationNotFound`, `ConversationLocked`,
        `ProjectDraftNotFound`, `DraftInvalid`, and what `ProjectTracker.create` raises. It comes to its
        end although its caller is cancelled meanwhile.
        """
        if title is not None or description is not None:
            draft = await self._manage.edit(
                caller, conversation_id, title=title, description=description, by_hand=by_hand
            )
        else:
            draft = await self._manage.show(caller, conversation_id)
        version = draft.active_version
        if version is None:
            raise ProjectDraftNotFound("This conversation has no project draft yet.")
        project = ConversationProject(
            project_id=self._new_id(),
            conversation_id=conversation_id,
            tracker=self._tracker.name,
            title=version.title,
            description=version.description,
            state=ProjectState.CREATING,
            created_by=caller.user_id,
            created_at=self._clock.now(),
        )
        return await completed(self._created(caller, project))

    async def _created(self, caller: Caller, project: ConversationProject) -> ConversationProject:
        project, is_first = await self._drafts.begin_project(caller, project)
        found = None if is_first else await self._tracker.find(project.project_id)
        if found is None:
            found = await self._asked_for(project)
        return await self._drafts.finish_project(_as_tracked(project, found), self._clock.now())

    async def _asked_for(self, project: ConversationProject) -> TrackedProject:
        try:
            content = DraftContent(project.title, project.description)
            return await self._tracker.create(project.project_id, content)
        except (UpstreamFailed, UpstreamTimeout):
            # It may be there all the same: the answer was lost, or another request was faster.
            try:
                found = await self._tracker.find(project.project_id)
            except CandorError:
                found = None
            if found is None:
                raise
            return found

    def _new_id(self) -> str:
        """A UUID of version 4, as a tracker takes it for the id of a new thing."""
        code = self._entropy.characters(2 * _UUID_BYTES).encode()
        return str(UUID(bytes=sha256(code).digest()[:_UUID_BYTES], version=_VERSION))


def _as_tracked(project: ConversationProject, found: TrackedProject) -> ConversationProject:
    return replace(project, title=found.title, description=found.description, url=found.url)
