"""The messages of chats and of the chats about drafts: a question, then its answer, all or nothing.

Two processes may begin a turn in one chat at once: the second waits for the first (on
SQLite for the one writer, on PostgreSQL for the chat's row), and then sees that the chat is held.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from services.store import leases
from services.store.admissions import add_usage
from services.store.chats import (
    CHATS,
    DEEPEST,
    MESSAGES,
    SHOWN,
    branch,
    conversations,
    find_chat,
    find_conversation,
    locked,
    messages,
    require_unlocked,
    unlocked,
)
from services.store.column_types import StoredId
from services.store.engine.engines import Access
from services.store.paging import rights, visible_to
from services.store.people import provide_user
from services.store.rows import Rows, add_unless_there
from services.store.stored_answers import ANSWERS, answers
from services.store.stored_project_drafts import find_draft, provide_draft
from use_cases.chat.errors import ChatBusy, ChatNotFound
from use_cases.chat.model import Answer, Chat, Message, Mode, Role
from use_cases.chat.questions import (
    Opened,
    Opening,
    choose_chat,
    choose_question,
    earlier_messages,
)
from use_cases.conversations.drafts.model import (
    DraftedConversation,
    DraftMessage,
    DraftOpened,
    DraftOpening,
    DraftReply,
    ProjectDraft,
)
from use_cases.conversations.errors import ConversationNotFound, DraftBusy, DraftMessageNotFound
from use_cases.kernel.errors import CandorError, Conflict
from use_cases.kernel.identity.admission import Charge
from use_cases.kernel.model import Caller, Page
from use_cases.kernel.runs.record import PastTurn

Past: TypeAlias = tuple[Sequence[PastTurn], int]
"""The newest turns before a message, oldest first, and how many came before them."""


class Turns:
    """Turns in a database, of whichever kind."""

    def __init__(self, store: Access) -> None:
        self._store = store

    async def abandon(self, turn_id: str, charge: Charge | None) -> None:
        """Ends a turn without an answer."""

        def work(connection: sa.Connection) -> None:
            leases.end(connection, turn_id)
            add_usage(connection, charge)

        await self._store.write(work)

    async def _past(self, last: str | None) -> Past:
        """Reads the messages up to the last one, outside the writer's turn, for they never change."""
        if last is None:
            return (), 0
        return await self._store.read(lambda connection: past_turns(connection, last))


class SqlTranscript(Turns):
    """Turns of chats."""

    async def open(self, caller: Caller, opening: Opening) -> Opened:
        """Keeps the question, with its chat and user where they are new, in one transaction; only a long
        chat's history is read in another.

        Raises `ChatBusy`, `ChatNotFound`, `ConversationLocked`, `MessageNotFound`, and `Conflict` when a new id is taken.
        """

        def work(connection: sa.Connection) -> tuple[Chat, Message, Past | None]:
            chat, leaf, is_new = _chat(connection, caller, opening)
            held = (opening.turn_id, chat.chat_id, opening.now, opening.until)
            if not leases.take_alone(connection, *held):
                raise ChatBusy("An answer is being written in this chat.")
            if leaf is None:
                for said, model_messages in earlier_messages(opening, chat):
                    values = {**MESSAGES.values(said), "model_messages": model_messages}
                    _keep(connection, values)
                    leaf = said.message_id
            question, new = choose_question(opening, chat, leaf, _Said(connection, chat))
            if new:
                _keep(connection, MESSAGES.values(question))
            if not is_new:
                shown = _shown(chat.chat_id, question.message_id, opening.now)
                connection.execute(_SHOW, {**shown, **rights(caller)})
            mode = opening.question.mode or chat.mode
            if mode is not chat.mode:
                connection.execute(_SET_MODE, {"chat": chat.chat_id, "chosen": mode})
            past = _short_past(connection, question.parent_id)
            return replace(chat, updated_at=opening.now, mode=mode), question, past

        chat, question, past = await self._store.write(work)
        if past is None:
            past = await self._past(question.parent_id)
        return Opened(chat, question, *past)

    async def close(
        self,
        caller: Caller,
        answer: Answer,
        message: Message,
        model_messages: Callable[[], str],
        charge: Charge | None = None,
    ) -> None:
        """Keeps an answer with its message. Raises `ChatNotFound`, and `Conflict` for a taken id."""
        shown = _shown(message.chat_id, message.message_id, message.created_at)
        answered = ANSWERS.values(answer)
        said = {**MESSAGES.values(message), "model_messages": model_messages()}

        def work(connection: sa.Connection) -> None:
            if connection.execute(_SHOW, {**shown, **rights(caller)}).rowcount == 0:
                raise ChatNotFound("The chat no longer exists.")
            try:
                connection.execute(_ANSWER, answered)
            except IntegrityError as error:
                raise Conflict(f"An answer {answer.answer_id!r} is already recorded.") from error
            _keep(connection, said)
            leases.end(connection, answer.answer_id)
            add_usage(connection, charge)

        await self._store.write(work)


class SqlDraftTranscript(Turns):
    """Turns of the chats about drafts. The chat about a draft has the draft's id."""

    async def open(self, caller: Caller, opening: DraftOpening) -> DraftOpened:
        """Stores the message, with its draft where that is new, and holds the draft."""

        def work(connection: sa.Connection) -> tuple[ProjectDraft, str | None, str | None]:
            unlocked(connection, caller, opening.conversation_id)
            of = find_conversation(connection, caller, opening.conversation_id)
            made_of = DraftedConversation(of.chat_id, of.user_id, of.title)
            draft = provide_draft(connection, made_of, opening.draft_id, opening.now)
            busy = DraftBusy("A reply is being written about this draft.")
            _hold(connection, draft.draft_id, opening.reply_id, opening.now, opening.until, busy)
            leaf = connection.scalar(_LEAF, {"chat": draft.draft_id})
            said = Message(
                message_id=opening.message_id,
                chat_id=draft.draft_id,
                parent_id=leaf,
                role=Role.USER,
                text=opening.text,
                created_at=opening.now,
            )
            _keep(connection, MESSAGES.values(said))
            connection.execute(_SHOW_DRAFT, _shown(said.chat_id, said.message_id, said.created_at))
            row = connection.execute(_DRAFTING.where(messages.c.message_id == leaf)).first()
            before = None if row is None else _SAID.of(row).reply
            return draft, leaf, before and before.proposal_id

        draft, leaf, proposal_id = await self._store.write(work)
        message = DraftMessage(
            message_id=opening.message_id,
            role=Role.USER.value,
            text=opening.text,
            created_at=opening.now,
        )
        past, earlier = await self._past(leaf)
        return DraftOpened(draft, message, past, earlier, proposal_id)

    async def close(
        self, reply: DraftReply, message_id: str, model_messages: str, charge: Charge | None
    ) -> None:
        """Stores the reply, and lets go of the draft. Raises `ConversationNotFound`."""
        said = Message(
            message_id=reply.reply_id,
            chat_id=reply.draft_id,
            parent_id=message_id,
            role=Role.ASSISTANT,
            text=reply.text,
            created_at=reply.created_at,
        )
        values = {**MESSAGES.values(said), "model_messages": model_messages, "reply": reply}
        shown = _shown(said.chat_id, said.message_id, said.created_at)

        def work(connection: sa.Connection) -> None:
            if connection.execute(_SHOW_DRAFT, shown).rowcount == 0:
                raise ConversationNotFound("The conversation no longer exists.")
            _keep(connection, values)
            leases.end(connection, reply.reply_id)
            add_usage(connection, charge)

        await self._store.write(work)

    async def messages(
        self, caller: Caller, conversation_id: str, *, limit: int, before: str | None = None
    ) -> Page[DraftMessage]:
        """Returns the last ones, oldest first. Raises `ConversationNotFound` and
        `DraftMessageNotFound`.
        """

        def work(connection: sa.Connection) -> Page[DraftMessage]:
            find_conversation(connection, caller, conversation_id)
            draft = find_draft(connection, conversation_id)
            start = None if draft is None else _start(connection, draft.draft_id, before)
            if start is None:
                return Page(())
            way = branch(sa.literal(start, StoredId), sa.literal(limit + 1))
            rows = connection.execute(
                _DRAFTING.join(way, messages.c.message_id == way.c.message_id).order_by(
                    way.c.depth.desc()
                )
            )
            found = [_SAID.of(row) for row in rows]
            return Page(found[-limit:], more=len(found) > limit)

        return await self._store.read(work)


class _Said:
    """The messages of a chat, as `choose_question` asks for them; without their answers."""

    def __init__(self, connection: sa.Connection, chat: Chat) -> None:
        self._connection = connection
        self._chat = chat

    def by_id(self, message_id: str) -> Message | None:
        return self._newest(messages.c.message_id == message_id)

    def by_client_id(self, client_id: str) -> Message | None:
        return self._newest(messages.c.client_id == client_id)

    def repeated(self, client_id: str, text: str) -> Message | None:
        column = messages.c
        return self._newest(
            column.client_id == client_id, column.text == text, column.role == Role.USER
        )

    def _newest(self, *conditions: sa.ColumnElement[bool]) -> Message | None:
        one = (
            sa.select(*MESSAGES.columns)
            .where(messages.c.chat_id == self._chat.chat_id, *conditions)
            .order_by(messages.c.created_at.desc(), messages.c.message_id.desc())
            .limit(1)
        )
        row = self._connection.execute(one).first()
        return None if row is None else MESSAGES.of(row, answer=None, siblings=())


def _chat(
    connection: sa.Connection, caller: Caller, opening: Opening
) -> tuple[Chat, str | None, bool]:
    """Returns the chat, held until the transaction ends, its last message shown, and whether it is new: then
    the question is shown already. Raises `ConversationLocked`.
    """
    asked, found = opening.question, None
    if asked.chat_id is not None:
        found = find_chat(connection, caller, asked.chat_id, held=opening.now)
    chosen = choose_chat(asked, found[0] if found else None, caller)
    if found is not None and chosen is not None:
        chat, leaf, locked_at, left = found
        if locked_at is not None:
            raise locked()
        if left:
            leases.clear_expired(connection, chat.chat_id, opening.now)
        return chat, leaf, False
    chat = _new(caller, opening)
    if _made(connection, chat, opening.message_id):
        return chat, None, True
    # On PostgreSQL another turn may have made it since it was looked for.
    own = {"user": caller.user_id, "client": opening.client_chat_id}
    row = connection.execute(_OWN, own).first()
    if row is None:
        raise Conflict(f"The chat id {chat.chat_id!r} is taken.")
    require_unlocked(connection, row.chat_id)
    leases.clear_expired(connection, row.chat_id, opening.now)
    return CHATS.of(row[:-1]), row[-1], False


def _hold(
    connection: sa.Connection,
    chat_id: str,
    turn_id: str,
    now: datetime,
    until: datetime,
    busy: CandorError,
) -> None:
    """Holds a chat. Raises `busy` where another turn does."""
    leases.clear_expired(connection, chat_id, now)
    if not leases.take_alone(connection, turn_id, chat_id, now, until):
        raise busy


def _start(connection: sa.Connection, draft_id: str, before: str | None) -> str | None:
    """Returns the last message of a page; None where there is none. Raises `DraftMessageNotFound`."""
    if before is None:
        return connection.scalar(_LEAF, {"chat": draft_id})
    column = messages.c
    one = sa.select(column.parent_id).where(column.chat_id == draft_id, column.message_id == before)
    found = connection.execute(one).first()
    if found is None:
        raise DraftMessageNotFound(f"The chat about the draft has no message {before!r}.")
    return found.parent_id


def _made(connection: sa.Connection, chat: Chat, leaf: str) -> bool:
    """Makes the user and the chat; false when the frontend's id has a chat already."""
    provide_user(connection, chat.user_id, chat.created_at)
    return add_unless_there(connection, conversations, {**CHATS.values(chat), "leaf_id": leaf})


def _keep(connection: sa.Connection, values: Mapping[str, object]) -> None:
    try:
        connection.execute(_MESSAGE, values)
    except IntegrityError as error:
        raise Conflict(f"A message {values['message_id']!r} already exists.") from error


def _new(caller: Caller, opening: Opening) -> Chat:
    return Chat(
        chat_id=opening.new_chat,
        user_id=caller.user_id,
        title=opening.title,
        created_at=opening.now,
        updated_at=opening.now,
        client_id=opening.client_chat_id,
        mode=opening.question.mode or Mode.GROUNDED,
    )


def _shown(chat_id: str, leaf: str, moment: datetime) -> Mapping[str, object]:
    return {"chat": chat_id, "leaf": leaf, "moment": moment}


_MINE = conversations.c.chat_id == sa.bindparam("chat", type_=StoredId)
_CHAT = sa.select(*CHATS.columns, conversations.c.leaf_id)
_OWN = (
    _CHAT.where(conversations.c.user_id == sa.bindparam("user", type_=StoredId))
    .where(conversations.c.client_id == sa.bindparam("client", type_=StoredId))
    .with_for_update()
)
_SHOW = (
    sa.update(conversations)
    .where(_MINE, visible_to(conversations.c.user_id))
    .values(leaf_id=sa.bindparam("leaf"), updated_at=sa.bindparam("moment"))
)
_SHOW_DRAFT = (
    sa.update(conversations)
    .where(_MINE)
    .values(leaf_id=sa.bindparam("leaf"), updated_at=sa.bindparam("moment"))
)
_LEAF = sa.select(conversations.c.leaf_id).where(_MINE)
_SAID = Rows(DraftMessage, messages, "message about a draft")
_DRAFTING = sa.select(*_SAID.columns)
_SET_MODE = sa.update(conversations).where(_MINE).values(mode=sa.bindparam("chosen"))
_MESSAGE = sa.insert(messages)
_ANSWER = sa.insert(answers)


MOST_MESSAGES = 400
"""Of longer chats only the newest messages are read; the turns before them are counted."""

MOST_CHARACTERS = 4_000_000
"""Of what the model saw, the newest: as much as fits the largest budget that can be set."""


SHORT_CHAT = 32
"""Messages that are read within the writer's turn, which others wait for: that takes about a
millisecond, less than a way to the store of its own.
"""


def past_turns(connection: sa.Connection, last: str) -> Past:
    """Returns the turns up to the message `last`."""
    return _read(connection.execute(_PAST, {"start": last}).all())


def _short_past(connection: sa.Connection, last: str | None) -> Past | None:
    """Returns the turns up to the message `last`; None where a chat is long."""
    if last is None:
        return (), 0
    rows = connection.execute(_SHORT_PAST, {"start": last}).all()
    return None if len(rows) > SHORT_CHAT else _read(rows)


def _read(rows: Sequence[sa.Row[Any]]) -> Past:
    turns = tuple(_turns(rows))
    return turns, (rows[0].questions if rows else 0) - len(turns)


def _turns(rows: Sequence[sa.Row[Any]]) -> Iterator[PastTurn]:
    asked: str | None = None
    said: list[sa.Row[Any]] = []
    for row in rows:
        if row.role is not Role.USER:
            said.append(row)
            continue
        if asked is not None:
            yield _turn(asked, said)
            said = []
        # The instructions of an imported chat stand before its first question, and go along with it.
        notes = [each.text for each in said if each.role is Role.SYSTEM]
        asked, said = "\n\n".join([*notes, row.text]), []
    if asked is not None:
        yield _turn(asked, said)


def _turn(asked: str, said: Sequence[sa.Row[Any]]) -> PastTurn:
    """Returns the turn of a question. Other assistants give one answer in several messages."""
    if len(said) == 1:
        return PastTurn(asked, said[0].text, said[0].model_messages)
    return PastTurn(asked, "\n\n".join(row.text for row in said if row.text) or None, None)


def _past(deepest: int) -> sa.Select[*tuple[Any, ...]]:
    way = branch(sa.bindparam("start", type_=StoredId), sa.literal(deepest))
    questions = (
        sa.select(sa.func.count())
        .where(way.c.role == Role.USER, way.c.hidden.is_not(sa.true()))
        .scalar_subquery()
    )
    so_far = sa.func.sum(sa.func.length(messages.c.model_messages)).over(order_by=way.c.depth)
    return (
        sa.select(
            messages.c.role,
            messages.c.text,
            sa.case((so_far <= MOST_CHARACTERS, messages.c.model_messages)).label("model_messages"),
            questions.label("questions"),
        )
        .join_from(way, messages, messages.c.message_id == way.c.message_id)
        .where(way.c.depth < MOST_MESSAGES, SHOWN)
        .order_by(way.c.depth.desc())
    )


_PAST = _past(DEEPEST)
_SHORT_PAST = _past(SHORT_CHAT + 1)
