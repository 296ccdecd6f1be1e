"""The messages of conversations as what may be quoted: chat's port `SaidMessages`."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from services.store.chats import DEEPEST, SHOWN, branch, conversations, messages
from services.store.column_types import StoredId
from services.store.imports import imported_messages, imports
from services.store.paging import visible
from services.store.rows import SqlAdapter
from services.store.stored_answers import answers
from services.store.transcript import MOST_MESSAGES
from use_cases.chat.ports import SaidBranch
from use_cases.kernel.model import Caller, DateOrigin, DocumentRef, Passage, Said, Span

CATEGORY = "conversations"
_LONGEST = 200_000
"""The characters of one message that are read."""


class SqlSaidMessages(SqlAdapter):
    """Messages in a database."""

    async def branch(self, message_id: str) -> SaidBranch:
        """Returns the branch that ends with this message; of a long one the newest messages are read."""

        def work(connection: sa.Connection) -> SaidBranch:
            start = {"start": message_id}
            way = connection.execute(_WAY, start).all()
            newest = [_passage(row) for row in connection.execute(_NEWEST, start)]
            ids = {str(row.message_id): -place for place, row in enumerate(way)}
            imported = sum(row.source_message_id is not None for row in way)
            return SaidBranch(newest, ids, imported)

        return await self._store.read(work)

    async def messages(self, caller: Caller, message_ids: Sequence[str]) -> Sequence[Passage]:
        """Returns these messages, without others' and hidden ones."""
        own = visible(caller, conversations.c.user_id)
        found = _SAID.where(_OWN.message_id.in_(message_ids), SHOWN, own)
        return await self._store.read(
            lambda connection: [_passage(row) for row in connection.execute(found)]
        )


def _passage(row: sa.Row[*tuple[Any, ...]]) -> Passage:
    span = Span(0, len(row.text))
    model = row.answered_by or row.model or row.imported_from or ""
    document = DocumentRef(
        document_id=row.message_id,
        version_id=0,
        name=row.chat_id,
        title=row.title,
        category=CATEGORY,
        updated=row.created_at.date(),
        date_origin=DateOrigin.STATED,
        said=Said(
            role=row.role.value,
            model="" if row.role.value == "user" else model,
            source=(row.source or "imported") if row.source_message_id is not None else "",
        ),
    )
    return Passage(
        passage_id=0,
        document=document,
        section="",
        page=None,
        span=span,
        text=row.text,
        reading=span,
        reading_text=row.text,
    )


_OWN, _BEYOND = messages.c, imported_messages.c
_SAID = (
    sa.select(
        *(_OWN.message_id, _OWN.chat_id, _OWN.role, _OWN.created_at, conversations.c.title),
        sa.func.substr(_OWN.text, 1, _LONGEST).label("text"),
        *(_BEYOND.source_message_id, _BEYOND.model, imports.c.source),
        imports.c.model.label("imported_from"),
        answers.c.model.label("answered_by"),
    )
    .join(conversations, conversations.c.chat_id == _OWN.chat_id)
    .outerjoin(imported_messages, _BEYOND.message_id == _OWN.message_id)
    .outerjoin(imports, imports.c.chat_id == _OWN.chat_id)
    .outerjoin(answers, answers.c.answer_id == _OWN.message_id)
)


def _way() -> sa.Select[*tuple[Any, ...]]:
    way = branch(sa.bindparam("start", type_=StoredId), sa.literal(DEEPEST))
    return (
        sa.select(way.c.message_id, _BEYOND.source_message_id)
        .join_from(way, messages, _OWN.message_id == way.c.message_id)
        .outerjoin(imported_messages, _BEYOND.message_id == way.c.message_id)
        .where(SHOWN)
        .order_by(way.c.steps)
    )


def _newest() -> sa.Select[*tuple[Any, ...]]:
    way = branch(sa.bindparam("start", type_=StoredId), sa.literal(MOST_MESSAGES))
    return (
        _SAID.join(way, way.c.message_id == _OWN.message_id)
        .where(SHOWN, way.c.depth < MOST_MESSAGES)
        .order_by(way.c.steps.desc())
    )


_WAY, _NEWEST = _way(), _newest()
