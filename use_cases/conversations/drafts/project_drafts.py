"""The draft of a conversation, one noun: show it, edit it, list its versions, go back to one."""

from use_cases.conversations.drafts.errors import ProjectDraftNotFound
from use_cases.conversations.drafts.model import DraftContent, DraftVersion, ProjectDraft
from use_cases.conversations.drafts.ports import ProjectDrafts
from use_cases.kernel.model import Caller
from use_cases.kernel.page import Page, require_limit
from use_cases.kernel.ports import Clock, Ids

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
        """The draft. Raises `ProjectDraftNotFound`."""
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
        """Store a new version, with the title or description of the last one where it is None.

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
        """The newest first; none without a draft."""
        require_limit(limit, LARGEST_PAGE)
        return await self._drafts.versions(caller, conversation_id, skip=skip, limit=limit)

    async def activate(self, caller: Caller, conversation_id: str, version_id: str) -> ProjectDraft:
        """Put a version in force again. Raises `DraftVersionNotFound`."""
        now = self._clock.now()
        return await self._drafts.activate(caller, conversation_id, version_id, now)
