"""Project drafts and the projects of conversations: their tables, and port `ProjectDrafts`.

The chat about a draft is a row of `conversations` with the draft's id, below the conversation that it is
about. The removal of that conversation removes the draft, its versions and its chat. A write reads the
conversation's lock in its own transaction.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from services.store.chats import SHOWN, branch, conversations, find_conversation, messages, unlocked
from services.store.column_types import StoredId
from services.store.rows import Rows, SqlAdapter, metadata, refers, table_of
from services.store.stored_answers import answers
from use_cases.conversations.drafts.model import (
    ConversationProject,
    DraftContent,
    DraftedConversation,
    DraftVersion,
    ProjectDraft,
    ProjectState,
    TrackedProject,
    require_in_force,
)
from use_cases.conversations.errors import ConversationNotFound, DraftVersionNotFound
from use_cases.conversations.model import Spoken
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.model import Caller, Page

MOST_MESSAGES = 2_000
"""Of longer conversations only the newest messages are read."""


project_drafts = sa.Table(
    "project_drafts",
    metadata,
    sa.Column("draft_id", StoredId, primary_key=True),
    sa.Column("active_version_id", StoredId),
    refers("draft_id", "conversations.chat_id"),
)
"""A draft: the chat about it has the same id, its owner and its times."""


project_draft_versions = table_of(
    DraftVersion,
    "project_draft_versions",
    refers("draft_id", "project_drafts.draft_id"),
    sa.UniqueConstraint("draft_id", "version_number"),
    key="version_id",
    ids="created_by",
)
"""A version of a draft."""


conversation_projects = table_of(
    ConversationProject,
    "conversation_projects",
    refers("conversation_id", "conversations.chat_id"),
    sa.UniqueConstraint("conversation_id"),
    key="project_id",
    ids="created_by",
)
"""The project of a conversation."""

_VERSIONS = Rows(DraftVersion, project_draft_versions, "version of a draft")
_PROJECTS = Rows(ConversationProject, conversation_projects, "project")


class SqlProjectDrafts(SqlAdapter):
    """Drafts and projects in a database."""

    async def conversation(self, caller: Caller, conversation_id: str) -> DraftedConversation:
        """Returns the shown branch, without replies that do not answer."""

        def work(connection: sa.Connection) -> DraftedConversation:
            row = find_conversation(connection, caller, conversation_id)
            found = list(_said(connection, row.leaf_id))
            return DraftedConversation(
                conversation_id=row.chat_id,
                user_id=row.user_id,
                title=row.title,
                messages=found[-MOST_MESSAGES:],
                earlier=max(0, len(found) - MOST_MESSAGES),
                locked_at=row.locked_at,
            )

        return await self._store.read(work)

    async def draft(self, caller: Caller, conversation_id: str) -> ProjectDraft | None:
        """Returns the draft; None where there is none."""

        def work(connection: sa.Connection) -> ProjectDraft | None:
            find_conversation(connection, caller, conversation_id)
            return find_draft(connection, conversation_id)

        return await self._store.read(work)

    async def save(
        self, caller: Caller, version: DraftVersion, conversation: DraftedConversation
    ) -> ProjectDraft:
        """Stores it under the next number, in force."""

        def work(connection: sa.Connection) -> ProjectDraft:
            unlocked(connection, caller, conversation.conversation_id)
            draft = provide_draft(connection, conversation, version.draft_id, version.created_at)
            last = connection.scalar(
                sa.select(sa.func.max(project_draft_versions.c.version_number)).where(
                    project_draft_versions.c.draft_id == draft.draft_id
                )
            )
            number = (last or 0) + 1
            stored = replace(version, draft_id=draft.draft_id, version_number=number)
            connection.execute(sa.insert(project_draft_versions), _VERSIONS.values(stored))
            return _put_in_force(connection, draft, stored, version.created_at)

        return await self._store.write(work)

    async def versions(
        self, caller: Caller, conversation_id: str, *, skip: int, limit: int
    ) -> Page[DraftVersion]:
        """Returns the newest first."""
        column = project_draft_versions.c

        def work(connection: sa.Connection) -> Page[DraftVersion]:
            find_conversation(connection, caller, conversation_id)
            return _VERSIONS.page(
                connection,
                conversations.c.draft_of == conversation_id,
                by=[column.version_number.desc()],
                skip=skip,
                limit=limit,
                source=project_draft_versions.join(
                    conversations, conversations.c.chat_id == column.draft_id
                ),
            )

        return await self._store.read(work)

    async def activate(
        self, caller: Caller, conversation_id: str, version_id: str, now: datetime
    ) -> ProjectDraft:
        """Puts a version in force again."""

        def work(connection: sa.Connection) -> ProjectDraft:
            unlocked(connection, caller, conversation_id)
            draft = find_draft(connection, conversation_id)
            found = None if draft is None else _version(connection, draft.draft_id, version_id)
            if draft is None or found is None:
                raise DraftVersionNotFound(f"The draft has no version {version_id!r}.")
            return _put_in_force(connection, draft, found, now)

        return await self._store.write(work)

    async def project(self, caller: Caller, conversation_id: str) -> ConversationProject | None:
        """Returns the project."""

        def work(connection: sa.Connection) -> ConversationProject | None:
            find_conversation(connection, caller, conversation_id)
            return _project(connection, conversation_id)

        return await self._store.read(work)

    async def begin_project(
        self, caller: Caller, project: ConversationProject, proposal_id: str | None = None
    ) -> tuple[ConversationProject, bool]:
        """Stores that its creation begins."""

        def work(connection: sa.Connection) -> tuple[ConversationProject, bool]:
            unlocked(connection, caller, project.conversation_id)
            if proposal_id is not None:
                draft = find_draft(connection, project.conversation_id)
                active = draft.active_version if draft else None
                require_in_force(proposal_id, active and active.version_id)
            begun = _project(connection, project.conversation_id)
            if begun is None:
                connection.execute(sa.insert(conversation_projects), _PROJECTS.values(project))
                return project, True
            again = replace(project, project_id=begun.project_id)
            _change_project(connection, again)
            return again, False

        return await self._store.write(work)

    async def finish_project(
        self, project: ConversationProject, now: datetime
    ) -> ConversationProject:
        """Stores that it is created, and locks its conversation."""
        created = replace(project, state=ProjectState.CREATED)

        def work(connection: sa.Connection) -> ConversationProject:
            _change_project(connection, created)
            column = conversations.c
            connection.execute(
                sa.update(conversations)
                .where(column.chat_id == created.conversation_id, column.locked_at.is_(None))
                .values(locked_at=now)
            )
            return created

        return await self._store.write(work)


def find_draft(connection: sa.Connection, conversation_id: str) -> ProjectDraft | None:
    """Returns the draft of a conversation."""
    column, draft = conversations.c, project_drafts.c
    row = connection.execute(
        sa.select(column.chat_id, column.user_id, column.created_at, column.updated_at)
        .add_columns(draft.active_version_id)
        .join_from(project_drafts, conversations, column.chat_id == draft.draft_id)
        .where(column.draft_of == conversation_id)
    ).first()
    if row is None:
        return None
    active = row.active_version_id
    return ProjectDraft(
        draft_id=row.chat_id,
        conversation_id=conversation_id,
        user_id=row.user_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
        active_version=None if active is None else _version(connection, row.chat_id, active),
    )


def provide_draft(
    connection: sa.Connection, conversation: DraftedConversation, draft_id: str, now: datetime
) -> ProjectDraft:
    """Returns the draft of a conversation, which the transaction holds; made, with its chat, if need
    be.
    """
    found = find_draft(connection, conversation.conversation_id)
    if found is not None:
        return found
    row = {
        "chat_id": draft_id,
        "user_id": conversation.user_id,
        "title": conversation.title,
        "draft_of": conversation.conversation_id,
        "created_at": now,
        "updated_at": now,
    }
    connection.execute(sa.insert(conversations), row)
    connection.execute(sa.insert(project_drafts), {"draft_id": draft_id})
    return ProjectDraft(
        draft_id=draft_id,
        conversation_id=conversation.conversation_id,
        user_id=conversation.user_id,
        created_at=now,
        updated_at=now,
    )


_SAYS_NOTHING = (Outcome.NOT_FOUND, Outcome.REFUSED, Outcome.CLARIFICATION)


def _said(connection: sa.Connection, leaf: str | None) -> Sequence[Spoken]:
    """Returns what was said down to a message, without the replies that do not answer."""
    if leaf is None:
        return ()
    way = branch(sa.literal(leaf, StoredId), sa.literal(MOST_MESSAGES + 1))
    declined = sa.exists().where(
        answers.c.answer_id == messages.c.message_id, answers.c.outcome.in_(_SAYS_NOTHING)
    )
    rows = connection.execute(
        sa.select(messages.c.role, messages.c.text)
        .join_from(way, messages, messages.c.message_id == way.c.message_id)
        .where(messages.c.text != "", SHOWN, ~declined)
        .order_by(way.c.depth.desc())
    )
    return [Spoken(row.role.value, row.text) for row in rows]


def _version(connection: sa.Connection, draft_id: str, version_id: str) -> DraftVersion | None:
    column = project_draft_versions.c
    own = column.draft_id == draft_id
    return _VERSIONS.one(connection, own, column.version_id == version_id)


def _put_in_force(
    connection: sa.Connection, draft: ProjectDraft, version: DraftVersion, now: datetime
) -> ProjectDraft:
    own, chat = project_drafts.c.draft_id, conversations.c.chat_id
    active = {"active_version_id": version.version_id}
    connection.execute(sa.update(project_drafts).where(own == draft.draft_id).values(active))
    connection.execute(
        sa.update(conversations).where(chat == draft.draft_id).values(updated_at=now)
    )
    return replace(draft, active_version=version, updated_at=now)


def _project(connection: sa.Connection, conversation_id: str) -> ConversationProject | None:
    own = conversation_projects.c.conversation_id == conversation_id
    return _PROJECTS.one(connection, own)


def _change_project(connection: sa.Connection, project: ConversationProject) -> None:
    own = conversation_projects.c.project_id == project.project_id
    changed = connection.execute(
        sa.update(conversation_projects).where(own).values(_PROJECTS.values(project))
    )
    if not changed.rowcount:
        raise ConversationNotFound("The conversation was removed while its project was created.")


class LocalProjects:
    """Projects of this installation. Nothing is there before it is stored, so none is ever found."""

    name = "local"

    async def place(self) -> str:
        """This installation."""
        return "this installation"

    async def find(self, project_id: str) -> TrackedProject | None:
        """None: an attempt that was interrupted left nothing behind."""
        return None

    async def create(self, project_id: str, content: DraftContent) -> TrackedProject:
        """Returns the project as it will be stored."""
        return TrackedProject(content.title, content.description, None)
