"""The chats about project drafts: the recorded replies, and port `DraftTranscript`.

Messages are those of any chat (`services.store.chats`). A turn holds its draft by a lease, like one of chat.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Named,
    Row,
    Table,
    insert,
    literal,
    select,
    update,
)

from services.store import leases, usage
from services.store.chats import branch, conversations, messages
from services.store.columns import StoredId, StoredText
from services.store.conversation_rows import find_conversation, unlocked
from services.store.engine.access import Access
from services.store.metadata import metadata
from services.store.past import past_turns
from services.store.project_drafts import find_draft, provide_draft
from services.store.rows import Rows
from services.store.run_columns import RunColumns
from use_cases.chat.model import Role
from use_cases.conversations.drafts.errors import DraftBusy, DraftMessageNotFound
from use_cases.conversations.drafts.model import (
    DraftedConversation,
    DraftMessage,
    DraftOpened,
    DraftOpening,
    DraftReply,
    ProjectDraft,
)
from use_cases.conversations.errors import ConversationNotFound
from use_cases.kernel.identity.admission import Charge
from use_cases.kernel.model import Caller
from use_cases.kernel.page import Page


class DraftReplyColumns(RunColumns):
    """A recorded reply about a draft."""

    reply_id = Column(StoredId, primary_key=True)
    draft_id: Named[str] = Column(
        StoredId,
        ForeignKey("project_drafts.draft_id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    )
    user_id: Named[str] = Column(StoredId, nullable=False)
    text: Named[str] = Column(StoredText, nullable=False)


draft_replies = Table("draft_replies", metadata, DraftReplyColumns)

_REPLIES = Rows(DraftReply, draft_replies, "reply about a draft")


class SqlDraftTranscript:
    """Turns about drafts in a database."""

    def __init__(self, store: Access) -> None:
        self._store = store

    async def open(self, caller: Caller, opening: DraftOpening) -> DraftOpened:
        """Store the message, and hold the draft."""

        def work(connection: Connection) -> tuple[ProjectDraft, str | None, str | None]:
            unlocked(connection, caller, opening.conversation_id)
            row = find_conversation(connection, caller, opening.conversation_id)
            made_of = DraftedConversation(row.chat_id, row.user_id, row.title)
            draft = provide_draft(connection, made_of, opening.draft_id, opening.now)
            _hold(connection, draft, opening)
            leaf = connection.scalar(_LEAF.where(conversations.c.chat_id == draft.draft_id))
            said = (opening.message_id, Role.USER, opening.text, opening.now)
            _keep(connection, draft.draft_id, leaf, said)
            return draft, leaf, _proposal(connection, leaf)

        draft, leaf, proposal_id = await self._store.write(work)
        message = DraftMessage(
            message_id=opening.message_id,
            role=Role.USER.value,
            text=opening.text,
            created_at=opening.now,
        )
        if leaf is None:
            return DraftOpened(draft, message)
        past, earlier = await self._store.read(lambda connection: past_turns(connection, leaf))
        return DraftOpened(draft, message, past, earlier, proposal_id)

    async def close(
        self, reply: DraftReply, message_id: str, model_messages: str, charge: Charge | None
    ) -> None:
        """Store the reply, and let go of the draft."""
        recorded = {**_REPLIES.values(reply), "sources": ()}

        def work(connection: Connection) -> None:
            if connection.scalar(_LEAF.where(conversations.c.chat_id == reply.draft_id)) is None:
                raise ConversationNotFound("The conversation no longer exists.")
            said = (reply.reply_id, Role.ASSISTANT, reply.text, reply.created_at)
            _keep(connection, reply.draft_id, message_id, said, model_messages)
            connection.execute(insert(draft_replies), recorded)
            leases.end(connection, reply.reply_id)
            usage.add(connection, charge)

        await self._store.write(work)

    async def abandon(self, reply_id: str, charge: Charge | None) -> None:
        """End a turn without a reply."""

        def work(connection: Connection) -> None:
            leases.end(connection, reply_id)
            usage.add(connection, charge)

        await self._store.write(work)

    async def messages(
        self, caller: Caller, conversation_id: str, *, limit: int, before: str | None = None
    ) -> Page[DraftMessage]:
        """The last ones, oldest first."""

        def work(connection: Connection) -> Page[DraftMessage]:
            find_conversation(connection, caller, conversation_id)
            draft = find_draft(connection, conversation_id)
            if draft is None:
                return Page(())
            start = _start(connection, draft.draft_id, before)
            if start is None:
                return Page(())
            way = branch(literal(start, StoredId), literal(limit + 1))
            rows = connection.execute(
                select(*_SHOWN, *_REPLIES.columns)
                .select_from(way)
                .join(messages, messages.c.message_id == way.c.message_id)
                .outerjoin(draft_replies, draft_replies.c.reply_id == messages.c.message_id)
                .order_by(way.c.depth.desc())
            )
            found = [_message(row) for row in rows]
            return Page(found[-limit:], more=len(found) > limit)

        return await self._store.read(work)


def _hold(connection: Connection, draft: ProjectDraft, opening: DraftOpening) -> None:
    leases.clear_expired(connection, draft.draft_id, opening.now)
    if leases.in_force(connection, draft.draft_id, opening.now):
        raise DraftBusy("A reply is being written about this draft.")
    leases.take(connection, opening.reply_id, draft.draft_id, opening.until)


def _keep(
    connection: Connection,
    draft_id: str,
    parent_id: str | None,
    said: tuple[str, Role, str, datetime],
    model_messages: str | None = None,
) -> None:
    """Store a message, as the last one shown."""
    message_id, role, text, moment = said
    row = {
        "message_id": message_id,
        "chat_id": draft_id,
        "parent_id": parent_id,
        "role": role,
        "text": text,
        "parts": (),
        "model_messages": model_messages,
        "created_at": moment,
    }
    connection.execute(insert(messages), row)
    shown = {"leaf_id": message_id, "updated_at": moment}
    connection.execute(
        update(conversations).where(conversations.c.chat_id == draft_id).values(shown)
    )


def _proposal(connection: Connection, leaf: str | None) -> str | None:
    """What the reply before proposed; None where the message before is no reply."""
    row = connection.execute(
        select(*_REPLIES.columns).where(draft_replies.c.reply_id == leaf)
    ).first()
    return None if row is None else _REPLIES.of(row).proposal_id


def _start(connection: Connection, draft_id: str, before: str | None) -> str | None:
    """The last message of a page; None where there is none. Raises `DraftMessageNotFound`."""
    if before is None:
        return connection.scalar(_LEAF.where(conversations.c.chat_id == draft_id))
    column = messages.c
    one = select(column.parent_id).where(column.chat_id == draft_id, column.message_id == before)
    found = connection.execute(one).first()
    if found is None:
        raise DraftMessageNotFound(f"The chat about the draft has no message {before!r}.")
    return found.parent_id


def _message(row: Row[*tuple[Any, ...]]) -> DraftMessage:
    message_id, role, text, moment, *reply = row
    return DraftMessage(
        message_id=message_id,
        role=role.value,
        text=text,
        created_at=moment,
        reply=_REPLIES.found(reply),
    )


_SHOWN = (messages.c.message_id, messages.c.role, messages.c.text, messages.c.created_at)
_LEAF = select(conversations.c.leaf_id)
