"""Texts that can be searched, imported or said here: port `SearchableConversations`.

The draft of a project, the chat about it and the attached files belong to their conversation. Its stamp
is made of what changes with all of it: the last use, the shown branch, the title, the last import, the
draft in force, the project, and the files. Triggers log every change of these, in
the transaction that makes it. A file's summary by a model is searched with its text; one of the file's own
sentences is in the text already.
"""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from services.store.chats import SHOWN, conversations, messages
from services.store.column_types import StoredId, StoredText
from services.store.imports import HERE, imported_messages, imports
from services.store.paging import visible
from services.store.people import users
from services.store.rows import SqlAdapter, metadata
from services.store.stored_answers import answers
from services.store.stored_attachments import file_attachments
from services.store.stored_project_drafts import (
    conversation_projects,
    project_draft_versions,
    project_drafts,
)
from use_cases.conversations.search.model import Changes, ContentType, ConversationHead, SaidText
from use_cases.kernel.model import Caller

conversation_changes = sa.Table(
    "conversation_changes",
    metadata,
    sa.Column("change_id", sa.Integer, primary_key=True),
    sa.Column("chat_id", StoredId, nullable=False),
    sa.Column("token", StoredText, nullable=False),
)
"""A change of a conversation. `token` is random in a file: a row of the same number in another one has another.
On a server it is the number of the transaction, in twenty digits.
"""

_RUNNING = sa.text(
    "SELECT lpad(pg_snapshot_xmin(pg_current_snapshot())::text, 20, '0'), system_identifier::text,"
    " EXISTS (SELECT FROM conversation_changes WHERE token < :asked),"
    " ARRAY(SELECT DISTINCT chat_id FROM conversation_changes WHERE token >= :asked"
    " AND token < lpad(pg_snapshot_xmax(pg_current_snapshot())::text, 20, '0')) FROM pg_control_system()"
)
"""The oldest transaction that may still run, the server, and what transactions from one on have changed; higher
numbers are another server's, of a restored dump.
"""


class SqlSearchableConversations(SqlAdapter):
    """Conversations and their texts in a database."""

    async def heads(
        self, caller: Caller, chat_ids: Collection[str] | None = None
    ) -> Sequence[ConversationHead]:
        """Returns the caller's conversations, or those of them that are named."""
        mine = _HEADS.where(visible(caller, _CHAT.user_id))
        if chat_ids is not None:
            mine = mine.where(_CHAT.chat_id.in_(chat_ids))
        return await self._store.read(
            lambda connection: [_head(row) for row in connection.execute(mine)]
        )

    async def changes(self, since: str | None) -> Changes:
        """Returns the changes since the mark, a number and its token, where the log still has it.

        On a server the mark is the oldest transaction that still ran, and the server: what those after it have
        changed may come twice.
        """
        number, _, token = (since or "").partition(":")
        asked = int(number) if number.isascii() and number.isdigit() else 0

        column = conversation_changes.c
        newer = sa.select(column.change_id, column.token, column.chat_id).order_by(column.change_id)

        def work(connection: sa.Connection) -> Changes:
            if connection.dialect.name == "postgresql":
                row = connection.execute(_RUNNING, {"asked": number}).one()
                oldest, server, is_kept, changed = row
                known = is_kept and server == token
                return Changes(f"{oldest}:{server}", set(changed) if known else None)
            found = connection.execute(newer.where(column.change_id >= asked)).all()
            if found and (found[0].change_id, found[0].token) == (asked, token):
                return Changes(_mark(found[-1]), {row.chat_id for row in found[1:]})
            last = connection.execute(
                newer.order_by(None).order_by(column.change_id.desc())
            ).first()
            return Changes("" if last is None else _mark(last), None)

        return await self._store.read(work)

    async def texts(self, chat_id: str) -> Sequence[SaidText]:
        """Returns all texts of a conversation: messages, oldest first, then draft, chat about it,
        files.
        """

        def work(connection: sa.Connection) -> Sequence[SaidText]:
            named = {"chat": chat_id}
            return [
                *map(_message, connection.execute(_MESSAGES, named)),
                *map(_draft, connection.execute(_DRAFT, named)),
                *map(_file, connection.execute(_FILES, named)),
            ]

        return await self._store.read(work)


def _mark(row: sa.Row[*tuple[Any, ...]]) -> str:
    return f"{row.change_id}:{row.token}"


def _head(row: sa.Row[*tuple[Any, ...]]) -> ConversationHead:
    # By place, for a search reads them all: by name takes twice as long.
    chat_id, user_id, name, email, source, model, url, project, created_at, locked_at = row[:_FIRST]
    updated_at, leaf, draft_leaf, title, imported_at, *_ = stamped = row[_FIRST:]
    return ConversationHead(
        chat_id=chat_id,
        user_id=user_id,
        title=title,
        source=source or HERE,
        stamp=" ".join(map(str, stamped)),
        created_at=created_at,
        updated_at=updated_at,
        content_type=ContentType.IMPORTED_CHAT if source else ContentType.CHAT,
        leaf_ids=[one for one in (leaf, draft_leaf) if one],
        urls=[one for one in (url, project) if one],
        model=model or "",
        imported_at=imported_at,
        locked=locked_at is not None,
        user_name=name,
        user_email=email,
    )


def _message(row: sa.Row[*tuple[Any, ...]]) -> SaidText:
    is_imported = row.source_message_id is not None
    here = ContentType.DRAFT_CHAT if row.is_about_draft else ContentType.CHAT
    return SaidText(
        text_id=row.message_id,
        parent_id=row.parent_id,
        content_type=ContentType.IMPORTED_CHAT if is_imported else here,
        role=row.role,
        text=row.text,
        created_at=row.created_at,
        model=row.model or "",
    )


def _draft(row: sa.Row[*tuple[Any, ...]]) -> SaidText:
    return SaidText(
        text_id=row.version_id,
        parent_id=None,
        content_type=ContentType.PROJECT_DRAFT,
        role="",
        text=f"{row.title}\n\n{row.description}",
        created_at=row.created_at,
    )


def _file(row: sa.Row[*tuple[Any, ...]]) -> SaidText:
    summary = [row.summary_text] if row.summary_model else ()
    return SaidText(
        text_id=row.file_id,
        parent_id=None,
        content_type=ContentType.FILE,
        role="",
        text="\n\n".join([row.name, *summary, row.text or ""]),
        created_at=row.created_at,
    )


_CHAT, _SAID, _IMPORT, _FILE = conversations.c, messages.c, imports.c, file_attachments.c
_DRAFTED = conversations.alias("drafted")
_VERSION, _PROJECT = project_draft_versions.c, conversation_projects.c
_OWN_FILES = sa.select(_FILE.file_id).where(_FILE.chat_id == _CHAT.chat_id)
_FILE_CHANGED = sa.func.coalesce(_FILE.summarised_at, _FILE.created_at)
_FACTS = (
    *(_CHAT.chat_id, _CHAT.user_id, users.c.name, users.c.email),
    *(_IMPORT.source, _IMPORT.model, _IMPORT.url, _PROJECT.url.label("project")),
    *(_CHAT.created_at, _CHAT.locked_at),
)
_FIRST = len(_FACTS)
"""The place of the first column of the stamp."""
_HEADS = (
    sa.select(
        *_FACTS,
        *(_CHAT.updated_at, _CHAT.leaf_id, _DRAFTED.c.leaf_id.label("draft_leaf"), _CHAT.title),
        *(_IMPORT.imported_at, _IMPORT.raw_digest, _DRAFTED.c.updated_at.label("drafted_at")),
        *(_IMPORT.url.label("import_url"), _PROJECT.url.label("project_url"), _CHAT.locked_at),
        project_drafts.c.active_version_id,
        _OWN_FILES.with_only_columns(sa.func.count()).scalar_subquery().label("files"),
        _OWN_FILES.with_only_columns(sa.func.max(_FILE_CHANGED))
        .scalar_subquery()
        .label("files_at"),
    )
    .where(_CHAT.draft_of.is_(None))
    .outerjoin(imports, _IMPORT.chat_id == _CHAT.chat_id)
    .outerjoin(users, users.c.user_id == _CHAT.user_id)
    .outerjoin(_DRAFTED, _DRAFTED.c.draft_of == _CHAT.chat_id)
    .outerjoin(project_drafts, project_drafts.c.draft_id == _DRAFTED.c.chat_id)
    .outerjoin(conversation_projects, _PROJECT.conversation_id == _CHAT.chat_id)
)
_NAMED = sa.bindparam("chat", type_=StoredId)
_ABOUT = sa.select(_CHAT.chat_id).where(_CHAT.draft_of == _NAMED)
_MESSAGES = (
    sa.select(
        *(_SAID.message_id, _SAID.parent_id, _SAID.created_at),
        sa.type_coerce(_SAID.role, StoredText).label("role"),
        sa.case((SHOWN, _SAID.text), else_="").label("text"),
        imported_messages.c.source_message_id,
        sa.func.coalesce(imported_messages.c.model, answers.c.model).label("model"),
        (_SAID.chat_id != _NAMED).label("is_about_draft"),
    )
    .where(sa.or_(_SAID.chat_id == _NAMED, _SAID.chat_id.in_(_ABOUT)))
    .outerjoin(imported_messages, imported_messages.c.message_id == _SAID.message_id)
    .outerjoin(answers, answers.c.answer_id == _SAID.message_id)
    .order_by(_SAID.created_at, _SAID.message_id)
)
_DRAFT = (
    sa.select(_VERSION.version_id, _VERSION.title, _VERSION.description, _VERSION.created_at)
    .join(project_drafts, project_drafts.c.active_version_id == _VERSION.version_id)
    .where(project_drafts.c.draft_id.in_(_ABOUT))
)
_FILES = (
    sa.select(
        *(_FILE.file_id, _FILE.name, _FILE.text, _FILE.created_at),
        *(_FILE.summary_text, _FILE.summary_model),
    )
    .where(_FILE.chat_id == _NAMED)
    .order_by(_FILE.created_at, _FILE.file_id)
)
