"""Creates the project of a conversation, once, and locks the conversation.

Promises: whatever happens in between (a killed process, a lost answer, two requests at once), at most one
project is created: its id is stored before the tracker is asked, later attempts look for it first, and the
tracker refuses a second one with the same id. What was created is reported as created. Leaves to others: the
tracker's interface.
"""

from dataclasses import replace
from hashlib import sha256
from uuid import UUID

from loguru import logger

from use_cases.conversations.drafts.errors import (
    ConversationProjectNotFound,
    DraftInvalid,
    ProjectDraftNotFound,
)
from use_cases.conversations.drafts.model import (
    ConversationProject,
    DraftContent,
    ProjectState,
    TrackedProject,
    require_in_force,
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
        """The project; one whose creation was interrupted is looked for first.

        Raises `ConversationNotFound` and `ConversationProjectNotFound`.
        """
        found = await self._drafts.project(caller, conversation_id)
        if found is None:
            raise ConversationProjectNotFound("No project was made of this conversation.")
        if found.state is ProjectState.CREATED:
            return found
        try:
            made = await self._tracker.find(found.project_id)
        except CandorError as error:
            logger.info("whether a project was created is not known yet: {}", error.code)
            return found
        return found if made is None else await completed(self._finished(found, made))

    async def run(
        self,
        caller: Caller,
        conversation_id: str,
        *,
        title: str | None = None,
        description: str | None = None,
        proposal_id: str | None = None,
    ) -> ConversationProject:
        """Create it of the draft; a title or description that differs becomes its last version first.

        With `proposal_id` exactly that version is created; asked for again, it is returned. A creation
        that was interrupted goes on. Raises `ConversationNotFound`, `ConversationLocked`,
        `ProjectDraftNotFound`, `DraftInvalid`, `ProposalOutdated`, and what `ProjectTracker.create`
        raises. It comes to its end although its caller is cancelled meanwhile.
        """
        if title is not None or description is not None:
            if proposal_id is not None:
                raise DraftInvalid(
                    "A proposal is created as it was shown.",
                    hint="Send `proposal_id` alone, or a title and a description without it.",
                )
            draft = await self._manage.edit(
                caller, conversation_id, title=title, description=description
            )
        else:
            draft = await self._manage.show(caller, conversation_id)
        version = draft.active_version
        if version is None:
            raise ProjectDraftNotFound("This conversation has no project draft yet.")
        if proposal_id is not None:
            require_in_force(proposal_id, version.version_id)
            begun = await self._drafts.project(caller, conversation_id)
            if begun is not None and begun.state is ProjectState.CREATED:
                return begun
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
        return await completed(self._created(caller, project, proposal_id))

    async def _created(
        self, caller: Caller, project: ConversationProject, proposal_id: str | None
    ) -> ConversationProject:
        project, is_first = await self._drafts.begin_project(caller, project, proposal_id)
        found = None if is_first else await self._tracker.find(project.project_id)
        if found is None:
            found = await self._asked_for(project)
        return await self._finished(project, found)

    async def _finished(
        self, project: ConversationProject, found: TrackedProject
    ) -> ConversationProject:
        """The project that is there, also where that cannot be stored now: a later look stores it."""
        created = replace(
            project,
            title=found.title,
            description=found.description,
            url=found.url,
            state=ProjectState.CREATED,
        )
        try:
            return await self._drafts.finish_project(created, self._clock.now())
        except CandorError as error:
            if found.url is None:  # the stored row is the project
                raise
            logger.warning("project {} is created, not stored: {}", found.url, error.code)
            return created

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
