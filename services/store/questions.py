"""Which question a turn answers: a new one, one that is asked again, or one that is there already."""

from sqlalchemy import ColumnElement, Connection, select

from services.store.chats import MESSAGES, messages
from use_cases.chat.errors import MessageNotFound
from use_cases.chat.model import Chat, Message, Role
from use_cases.chat.ports import Opening


def find_question(
    connection: Connection, opening: Opening, chat: Chat, leaf: str | None
) -> tuple[Message, bool]:
    """The question to answer, and whether it is a new one, not kept yet. Raises `MessageNotFound`."""
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
            messages.c.role == Role.USER,
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
    raise MessageNotFound("This chat has no question to repeat.")


def _message(
    connection: Connection, chat: Chat, *conditions: ColumnElement[bool]
) -> Message | None:
    """The newest message of the chat that meets these conditions, without its answer."""
    one = (
        select(*MESSAGES.columns)
        .where(messages.c.chat_id == chat.chat_id, *conditions)
        .order_by(messages.c.created_at.desc(), messages.c.message_id.desc())
        .limit(1)
    )
    row = connection.execute(one).first()
    return None if row is None else MESSAGES.of(row, answer=None)
