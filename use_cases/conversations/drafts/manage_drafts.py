"""The draft of a conversation and its project: show, edit and go back; consent to a proposal; create it once.

A project cannot be undone, so code decides on it and no model: what was proposed is created only when the
message right after the proposal says that and nothing else. Every word of it has to be known here, so a
question, a condition, a "no" or a wish about the draft is no consent, in any language. Who is not
understood is asked again, or creates the project themselves (`POST …/project`, `candor conversations
project --create`).

Promises: whatever happens in between (a killed process, a lost answer, two requests at once), at most one
project is created: its id is stored before the tracker is asked, later attempts look for it first, and the
tracker refuses a second one with the same id. What was created is reported as created. Leaves to others: the
tracker's interface.
"""

import re
from dataclasses import replace
from hashlib import sha256
from uuid import UUID

from loguru import logger

from use_cases.conversations.drafts.model import (
    ConversationProject,
    DraftContent,
    DraftOpened,
    DraftVersion,
    ProjectDraft,
    ProjectState,
    TrackedProject,
    require_in_force,
)
from use_cases.conversations.drafts.ports import ProjectDrafts, ProjectTracker
from use_cases.conversations.errors import (
    ConversationProjectNotFound,
    DraftInvalid,
    ProjectDraftNotFound,
)
from use_cases.kernel.errors import CandorError, UpstreamFailed, UpstreamTimeout
from use_cases.kernel.model import Caller, Page, require_limit
from use_cases.kernel.ports import Clock, Entropy, Ids
from use_cases.kernel.runs.surroundings import completed

LARGEST_PAGE = 200


class ManageProjectDrafts:
    """The drafts of the caller's conversations.

    Every method raises `ConversationNotFound`, also for another person's conversation; those that
    change something raise `ConversationLocked`.
    """

    def __init__(self, *, drafts: ProjectDrafts, clock: Clock, ids: Ids) -> None:
        self._drafts = drafts
        self._clock = clock
        self._ids = ids

    async def show(self, caller: Caller, conversation_id: str) -> ProjectDraft:
        """Returns the draft. Raises `ProjectDraftNotFound`."""
        draft = await self._drafts.draft(caller, conversation_id)
        if draft is None or draft.active_version is None:
            raise ProjectDraftNotFound("This conversation has no project draft yet.")
        return draft

    async def edit(
        self,
        caller: Caller,
        conversation_id: str,
        *,
        title: str | None = None,
        description: str | None = None,
        by_hand: bool = True,
    ) -> ProjectDraft:
        """Stores a new version, with the title or description of the last one where it is None.

        An edit that changes nothing makes no version; the first one makes the draft. Raises
        `DraftInvalid`.
        """
        conversation = await self._drafts.conversation(caller, conversation_id)
        draft = await self._drafts.draft(caller, conversation_id)
        last = None if draft is None else draft.active_version
        content = DraftContent.checked(
            (last.title if last else "") if title is None else title,
            (last.description if last else "") if description is None else description,
        )
        version = DraftVersion(
            version_id=self._ids.new("version"),
            draft_id=self._ids.new("draft"),
            version_number=0,
            title=content.title,
            description=content.description,
            is_manual_edit=by_hand,
            created_by=caller.user_id,
            created_at=self._clock.now(),
        )
        if (
            draft
            and last
            and content == (last.title, last.description)
            and not conversation.locked_at
        ):
            return draft
        return await self._drafts.save(caller, version, conversation)

    async def versions(
        self, caller: Caller, conversation_id: str, *, skip: int = 0, limit: int = 50
    ) -> Page[DraftVersion]:
        """Returns the newest first; none without a draft."""
        require_limit(limit, LARGEST_PAGE)
        return await self._drafts.versions(caller, conversation_id, skip=skip, limit=limit)

    async def activate(self, caller: Caller, conversation_id: str, version_id: str) -> ProjectDraft:
        """Puts a version in force again. Raises `DraftVersionNotFound`."""
        now = self._clock.now()
        return await self._drafts.activate(caller, conversation_id, version_id, now)


_WORD = re.compile(r"\w+")
_YES = frozenset(
    _WORD.findall(
        """yes yeah yep sure ok okay agreed confirm confirmed create make proceed go do
        ja jawohl gerne einverstanden bestätige bestätigt erstelle erstellen erstell anlegen lege leg mach
        oui crée créer créez confirme accord sí crea crear créalo confirmo adelante vale
        sì crealo conferma sim crie maak akkoord bevestigd"""
    )
)
"""The words of which consent needs one."""
_BESIDE = frozenset(
    _WORD.findall(
        """please now then thanks thank you the this that a it i we project linear in at for me us ahead so
        and exactly as is proposed
        bitte jetzt danke das dieses es projekt den dem vorschlag genau wie vorgeschlagen an und
        s il te vous plaît plait merci d le ce projet maintenant dans
        por favor gracias ahora el este proyecto en per favore grazie ora questo progetto
        obrigado agora o projeto het dit aan"""
    )
)
"""The words that may stand beside them."""


def consent(opened: DraftOpened) -> str | None:
    """Returns the version that may be created in this turn; None for none.

    It was proposed by the reply just before the message, is still in force, and the message asks for it.
    """
    version = opened.draft.active_version
    if version is None or version.version_id != opened.proposal_id:
        return None
    return version.version_id if asks_for_it(opened.message.text) else None


def asks_for_it(message: str) -> bool:
    """Returns true if a message says that the project is to be created, and nothing else."""
    words = _WORD.findall(message.casefold())
    return (
        not set("?？؟;") & set(message)
        and any(word in _YES for word in words)
        and all(word in _YES or word in _BESIDE for word in words)
    )


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
        """Returns where a project would be created; asks the tracker. Raises its errors."""
        return await self._tracker.place()

    async def show(self, caller: Caller, conversation_id: str) -> ConversationProject:
        """Returns the project; one whose creation was interrupted is looked for first.

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
        """Creates it of the draft; a title or description that differs becomes its last version first.

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
        """Returns the project that is there, also where that cannot be stored now: a later look stores
        it.
        """
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
        """Returns a UUID of version 4, as a tracker takes it for the id of a new thing."""
        code = self._entropy.characters(2 * _UUID_BYTES).encode()
        return str(UUID(bytes=sha256(code).digest()[:_UUID_BYTES], version=_VERSION))
