"""Everything that can be searched, imported or said here: port `SearchableConversations`.

The stamp of a conversation is made of what changes with it: the last use, the shown branch, the title,
and the last import.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, case, func, select, type_coerce

from services.store.answers import answers
from services.store.chats import SHOWN, conversations, messages
from services.store.columns import StoredText
from services.store.engine.access import Access
from services.store.imports import HERE, imported_messages, imports
from services.store.ownership import visible
from services.store.people import users
from use_cases.conversations.search.model import ContentType, ConversationHead, SaidText
from use_cases.kernel.model import Caller


class SqlSearchableConversations:
    """Conversations and their texts in a database."""

    def __init__(self, store: Access) -> None:
        self._store = store

    async def heads(self, caller: Caller) -> Sequence[ConversationHead]:
        """The caller's conversations."""
        mine = _HEADS.where(visible(caller, _CHAT.user_id))
        return await self._store.read(
            lambda connection: [_head(row) for row in connection.execute(mine)]
        )

    async def texts(self, chat_id: str) -> Sequence[SaidText]:
        """All texts of a conversation, oldest first."""
        own = _TEXTS.where(_SAID.chat_id == chat_id)
        return await self._store.read(
            lambda connection: [_text(row) for row in connection.execute(own)]
        )


def _head(row: Row[*tuple[Any, ...]]) -> ConversationHead:
    is_imported = row.source is not None
    stamp = (row.updated_at, row.leaf_id, row.title, row.imported_at, row.raw_digest)
    return ConversationHead(
        chat_id=row.chat_id,
        user_id=row.user_id,
        title=row.title,
        source=row.source or HERE,
        stamp=" ".join(map(_stamped, stamp)),
        created_at=row.created_at,
        updated_at=row.updated_at,
        content_type=ContentType.IMPORTED_CHAT if is_imported else ContentType.CHAT,
        leaf_id=row.leaf_id,
        urls=(row.url,) if row.url else (),
        model=row.model or "",
        imported_at=row.imported_at,
        locked=row.locked_at is not None,
        user_name=row.name,
        user_email=row.email,
    )


def _stamped(value: object) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def _text(row: Row[*tuple[Any, ...]]) -> SaidText:
    is_imported = row.source_message_id is not None
    return SaidText(
        text_id=row.message_id,
        parent_id=row.parent_id,
        content_type=ContentType.IMPORTED_CHAT if is_imported else ContentType.CHAT,
        role=row.role,
        text=row.text,
        created_at=row.created_at,
        model=row.model or "",
    )


_CHAT, _SAID, _IMPORT = conversations.c, messages.c, imports.c
_HEADS = (
    select(
        *(_CHAT.chat_id, _CHAT.user_id, _CHAT.title, _CHAT.leaf_id, _CHAT.created_at),
        *(_CHAT.updated_at, _CHAT.locked_at, users.c.name, users.c.email),
        *(_IMPORT.source, _IMPORT.url, _IMPORT.model, _IMPORT.imported_at, _IMPORT.raw_digest),
    )
    .outerjoin(imports, _IMPORT.chat_id == _CHAT.chat_id)
    .outerjoin(users, users.c.user_id == _CHAT.user_id)
)
_TEXTS = (
    select(
        *(_SAID.message_id, _SAID.parent_id, _SAID.created_at),
        type_coerce(_SAID.role, StoredText).label("role"),
        case((SHOWN, _SAID.text), else_="").label("text"),
        imported_messages.c.source_message_id,
        func.coalesce(imported_messages.c.model, answers.c.model).label("model"),
    )
    .outerjoin(imported_messages, imported_messages.c.message_id == _SAID.message_id)
    .outerjoin(answers, answers.c.answer_id == _SAID.message_id)
    .order_by(_SAID.created_at, _SAID.message_id)
)
