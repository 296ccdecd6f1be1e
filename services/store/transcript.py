"""The messages of chats, as chat's port `Transcript`: a question, then its answer, all or nothing.

Two processes may begin a turn in one chat at once: the second waits for the first (on
SQLite for the one writer, on PostgreSQL for the chat's row), and then sees that the chat is held.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from services.store import leases, usage
from services.store.answers import ANSWERS, answers
from services.store.chats import CHATS, MESSAGES, conversations, messages, require_unlocked
from services.store.columns import StoredId
from services.store.engine.access import Access
from services.store.ownership import rights, visible_to
from services.store.past import past_turns
from services.store.people import provide_user
from services.store.rows import add_unless_there
from use_cases.chat.errors import ChatBusy, ChatNotFound
from use_cases.chat.model import Answer, Chat, Message, Mode, Role
from use_cases.chat.questions import Opened, Opening, choose_question
from use_cases.kernel.errors import Conflict
from use_cases.kernel.identity.admission import Charge
from use_cases.kernel.model import Caller
from use_cases.kernel.runs.record import PastTurn


class SqlTranscript:
    """Turns in a database."""

    def __init__(self, store: Access) -> None:
        self._store = store

    async def open(self, caller: Caller, opening: Opening) -> Opened:
        """Keep the question, with its chat and user where they are new.

        Raises `ChatBusy`, `ChatNotFound`, `ConversationLocked`, `MessageNotFound`, and `Conflict` when a new id is taken.
        """

        def work(connection: Connection) -> tuple[Chat, Message]:
            chat, leaf = _chat(connection, caller, opening)
            require_unlocked(connection, chat.chat_id)
            _hold(connection, chat, opening)
            question, new = choose_question(opening, chat, leaf, _Said(connection, chat))
            if new:
                _keep(connection, MESSAGES.values(question))
            shown = _shown(chat.chat_id, question.message_id, opening.now)
            connection.execute(_SHOW, {**shown, **rights(caller)})
            mode = opening.question.mode or chat.mode
            if mode is not chat.mode:
                connection.execute(_SET_MODE, {"chat": chat.chat_id, "chosen": mode})
            return replace(chat, updated_at=opening.now, mode=mode), question

        chat, question = await self._store.write(work)
        past, earlier = await self._past(question)
        return Opened(chat, question, past, earlier)

    async def close(
        self,
        caller: Caller,
        answer: Answer,
        message: Message,
        model_messages: str,
        charge: Charge | None = None,
    ) -> None:
        """Keep an answer with its message. Raises `ChatNotFound`, and `Conflict` for a taken id."""
        shown = _shown(message.chat_id, message.message_id, message.created_at)
        answered = ANSWERS.values(answer)
        said = {**MESSAGES.values(message), "model_messages": model_messages}

        def work(connection: Connection) -> None:
            if connection.execute(_SHOW, {**shown, **rights(caller)}).rowcount == 0:
                raise ChatNotFound("The chat no longer exists.")
            try:
                connection.execute(_ANSWER, answered)
            except IntegrityError as error:
                raise Conflict(f"An answer {answer.answer_id!r} is already recorded.") from error
            _keep(connection, said)
            leases.end(connection, answer.answer_id)
            usage.add(connection, charge)

        await self._store.write(work)

    async def abandon(self, turn_id: str, charge: Charge | None) -> None:
        """End a turn without an answer."""

        def work(connection: Connection) -> None:
            leases.end(connection, turn_id)
            usage.add(connection, charge)

        await self._store.write(work)

    async def _past(self, question: Message) -> tuple[Sequence[PastTurn], int]:
        """Read the earlier messages, outside the writer's turn, for they never change."""
        if question.parent_id is None:
            return (), 0
        last = question.parent_id
        return await self._store.read(lambda connection: past_turns(connection, last))


class _Said:
    """The messages of a chat, as `choose_question` asks for them; without their answers."""

    def __init__(self, connection: Connection, chat: Chat) -> None:
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

    def _newest(self, *conditions: ColumnElement[bool]) -> Message | None:
        one = (
            select(*MESSAGES.columns)
            .where(messages.c.chat_id == self._chat.chat_id, *conditions)
            .order_by(messages.c.created_at.desc(), messages.c.message_id.desc())
            .limit(1)
        )
        row = self._connection.execute(one).first()
        return None if row is None else MESSAGES.of(row, answer=None)


def _chat(connection: Connection, caller: Caller, opening: Opening) -> tuple[Chat, str | None]:
    """The chat, held until the transaction ends, and its last message shown."""
    if opening.chat is None:
        chat = _new(caller, opening)
        if _made(connection, chat):
            return chat, None
        own = {"user": caller.user_id, "client": opening.client_chat_id}
        row = connection.execute(_OWN, own).first()
        if row is None:
            raise Conflict(f"The chat id {chat.chat_id!r} is taken.")
    else:
        held = {"chat": opening.chat.chat_id, **rights(caller)}
        row = connection.execute(_HELD, held).first()
        if row is None:
            raise ChatNotFound("The chat no longer exists.")
    return CHATS.of(row[:-1]), row[-1]


def _hold(connection: Connection, chat: Chat, opening: Opening) -> None:
    leases.clear_expired(connection, chat.chat_id, opening.now)
    if leases.in_force(connection, chat.chat_id, opening.now):
        raise ChatBusy("An answer is being written in this chat.")
    leases.take(connection, opening.turn_id, chat.chat_id, opening.until)


def _made(connection: Connection, chat: Chat) -> bool:
    """Make the user and the chat; false when the frontend's id has a chat already."""
    provide_user(connection, chat.user_id, chat.created_at)
    return add_unless_there(connection, conversations, CHATS.values(chat))


def _keep(connection: Connection, values: Mapping[str, object]) -> None:
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


_MINE = conversations.c.chat_id == bindparam("chat", type_=StoredId)
_CHAT = select(*CHATS.columns, conversations.c.leaf_id)
_HELD = _CHAT.where(_MINE, visible_to(conversations.c.user_id)).with_for_update()
_OWN = (
    _CHAT.where(conversations.c.user_id == bindparam("user", type_=StoredId))
    .where(conversations.c.client_id == bindparam("client", type_=StoredId))
    .with_for_update()
)
_SHOW = (
    update(conversations)
    .where(_MINE, visible_to(conversations.c.user_id))
    .values(leaf_id=bindparam("leaf"), updated_at=bindparam("moment"))
)
_SET_MODE = update(conversations).where(_MINE).values(mode=bindparam("chosen"))
_MESSAGE = insert(messages)
_ANSWER = insert(answers)
