"""What is said in chats, as chat's port `Transcript`: a question, then its answer, all or nothing.

Two processes may begin a turn in one chat at once: whoever comes second waits for the first (on
SQLite for the one writer, on PostgreSQL for the chat's row), so each sees what the other has kept.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, insert, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from services.store.answer_rows import answer_values
from services.store.chat_rows import chat_of, message_of
from services.store.columns import StoredId
from services.store.parts_codec import encode_parts
from services.store.past import past_turns
from services.store.schema import answers, conversations, messages, users
from services.store.store import Store
from services.store.visible import visible
from use_cases.chat.errors import ChatNotFound, MessageNotFound
from use_cases.chat.model import Answer, Chat, Message, PastTurn, Role
from use_cases.chat.ports import Opened, Opening
from use_cases.kernel.errors import Conflict
from use_cases.kernel.model import Caller


class SqlTranscript:
    """Turns in a `Store`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def open(self, caller: Caller, opening: Opening) -> Opened:
        """Keep the question, with its chat and user where they are new.

        Raises `ChatNotFound`, `MessageNotFound`, and `Conflict` when a new id is taken.
        """

        def work(connection: Connection) -> tuple[Chat, Message]:
            chat, leaf = _chat(connection, caller, opening)
            question, new = _question(connection, opening, chat, leaf)
            if new:
                _keep(connection, question)
            connection.execute(
                update(conversations)
                .where(conversations.c.chat_id == chat.chat_id)
                .values(leaf_id=question.message_id, updated_at=opening.now)
            )
            return replace(chat, updated_at=opening.now), question

        chat, question = await self._store.write(work)
        past, earlier = await self._past(question)
        return Opened(chat, question, past, earlier)

    async def close(
        self, caller: Caller, answer: Answer, message: Message, model_messages: str
    ) -> None:
        """Keep an answer with its message. Raises `ChatNotFound`, and `Conflict` for a taken id."""

        def work(connection: Connection) -> None:
            found = connection.execute(
                update(conversations)
                .where(conversations.c.chat_id == message.chat_id)
                .where(visible(caller, conversations.c.user_id))
                .values(leaf_id=message.message_id, updated_at=message.created_at)
            )
            if found.rowcount == 0:
                raise ChatNotFound("The chat is gone.")
            try:
                connection.execute(insert(answers), answer_values(answer))
            except IntegrityError as error:
                raise Conflict(f"An answer {answer.answer_id!r} is recorded already.") from error
            _keep(connection, message, model_messages)

        await self._store.write(work)

    async def _past(self, question: Message) -> tuple[Sequence[PastTurn], int]:
        """What was before: read outside the writer's turn, for nothing of it ever changes."""
        if question.parent_id is None:
            return (), 0
        last = question.parent_id
        return await self._store.read(lambda connection: past_turns(connection, last))


def _chat(connection: Connection, caller: Caller, opening: Opening) -> tuple[Chat, str | None]:
    """The chat, held until the transaction ends, and its last message shown."""
    column = conversations.c
    mine = select(conversations).with_for_update()
    if opening.chat is not None:
        mine = mine.where(column.chat_id == opening.chat.chat_id)
        mine = mine.where(visible(caller, column.user_id))
    else:
        if _made(connection, caller, opening):
            return _new(caller, opening), None
        own = literal(opening.client_chat_id, StoredId)
        mine = mine.where(column.user_id == caller.user_id, column.client_id == own)
    row = (connection.execute(mine)).mappings().first()
    if row is not None:
        return chat_of(row), row[column.leaf_id]
    if opening.chat is None:
        raise Conflict(f"The chat id {opening.new_chat!r} is taken.")
    raise ChatNotFound("The chat is gone.")


def _made(connection: Connection, caller: Caller, opening: Opening) -> bool:
    """Make the user and the chat; false when the frontend's id has a chat already."""
    dialect = connection.dialect.name
    into = postgresql.insert if dialect == "postgresql" else sqlite.insert
    user = {"user_id": caller.user_id, "created_at": opening.now}
    connection.execute(into(users).on_conflict_do_nothing(), user)
    chat = _new(caller, opening)
    row = {
        "chat_id": chat.chat_id,
        "user_id": chat.user_id,
        "client_id": chat.client_id,
        "title": chat.title,
        "created_at": chat.created_at,
        "updated_at": chat.updated_at,
    }
    # Not by the count of rows: not every driver tells it here.
    made = into(conversations).on_conflict_do_nothing().returning(conversations.c.chat_id)
    return (connection.execute(made, row)).first() is not None


def _question(
    connection: Connection, opening: Opening, chat: Chat, leaf: str | None
) -> tuple[Message, bool]:
    """The question to answer, and whether it is a new one."""
    if opening.question is None:
        return _asked(connection, chat, opening.at or leaf), False
    parent = leaf
    if opening.at is not None:
        parent = (_asked(connection, chat, opening.at)).parent_id
    if opening.client_id is not None:
        repeated = _message(
            connection,
            chat,
            messages.c.client_id == opening.client_id,
            messages.c.text == opening.question,
            messages.c.role == Role.USER.value,
        )
        if repeated is not None:
            return repeated, False
    question = Message(
        message_id=opening.message_id,
        chat_id=chat.chat_id,
        parent_id=parent,
        role=Role.USER,
        text=opening.question,
        created_at=opening.now,
        client_id=opening.client_id,
    )
    return question, True


def _asked(connection: Connection, chat: Chat, at: str | None) -> Message:
    """The question that this message is or answers. Raises `MessageNotFound`."""
    if at is not None:
        message = _message(connection, chat, messages.c.message_id == at)
        if message is None:
            message = _message(connection, chat, messages.c.client_id == at)
        while message is not None:
            if message.role is Role.USER:
                return message
            up = messages.c.message_id == message.parent_id
            message = _message(connection, chat, up)
    raise MessageNotFound("There is nothing to ask again.")


def _message(
    connection: Connection, chat: Chat, *conditions: ColumnElement[bool]
) -> Message | None:
    """The newest message of the chat that meets these conditions, without its answer."""
    one = (
        select(messages)
        .where(messages.c.chat_id == chat.chat_id, *conditions)
        .order_by(messages.c.created_at.desc(), messages.c.message_id.desc())
        .limit(1)
    )
    row = (connection.execute(one)).mappings().first()
    return None if row is None else message_of(row)


def _keep(connection: Connection, message: Message, model_messages: str | None = None) -> None:
    row = {
        "message_id": message.message_id,
        "chat_id": message.chat_id,
        "parent_id": message.parent_id,
        "role": message.role.value,
        "client_id": message.client_id,
        "text": message.text,
        "parts": encode_parts(message.parts),
        "model_messages": model_messages,
        "created_at": message.created_at,
    }
    try:
        connection.execute(insert(messages), row)
    except IntegrityError as error:
        raise Conflict(f"A message {message.message_id!r} is kept already.") from error


def _new(caller: Caller, opening: Opening) -> Chat:
    return Chat(
        chat_id=opening.new_chat,
        user_id=caller.user_id,
        title=opening.title,
        created_at=opening.now,
        updated_at=opening.now,
        client_id=opening.client_chat_id,
    )
