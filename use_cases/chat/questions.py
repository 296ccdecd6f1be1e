"""The question that a turn answers: a new one, one that is asked again, or one that is there already.

Leaves reading and keeping messages to the store, which asks within its transaction.
"""

from typing import Protocol

from use_cases.chat.errors import MessageNotFound
from use_cases.chat.model import Chat, Message, Role
from use_cases.chat.ports import Opening


class ChatMessages(Protocol):
    """The messages of one chat; of several that fit, the newest."""

    def by_id(self, message_id: str) -> Message | None:
        """Return the message of this id."""
        ...

    def by_client_id(self, client_id: str) -> Message | None:
        """Return the message that the frontend gave this id."""
        ...

    def repeated(self, client_id: str, text: str) -> Message | None:
        """Return the question with this text that the frontend gave this id."""
        ...


def choose_question(
    opening: Opening, chat: Chat, leaf: str | None, messages: ChatMessages
) -> tuple[Message, bool]:
    """Return the question to answer, and whether it is new. Raises `MessageNotFound`."""
    if opening.question is None:
        return _asked(opening.at or leaf, messages), False
    parent = leaf if opening.at is None else _asked(opening.at, messages).parent_id
    if opening.after is not None:
        parent = _named(opening.after, messages).message_id
    if opening.client_id is not None:
        repeated = messages.repeated(opening.client_id, opening.question)
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


def _named(message_id: str, messages: ChatMessages) -> Message:
    """Return the message of this id, or of this id of the frontend. Raises `MessageNotFound`."""
    message = messages.by_id(message_id) or messages.by_client_id(message_id)
    if message is None:
        raise MessageNotFound(f"This chat has no message {message_id!r}.")
    return message


def _asked(at: str | None, messages: ChatMessages) -> Message:
    """Return the question that this message is or answers. Raises `MessageNotFound`."""
    if at is not None:
        message = messages.by_id(at) or messages.by_client_id(at)
        while message is not None:
            if message.role is Role.USER and not message.hidden:
                return message
            message = None if message.parent_id is None else messages.by_id(message.parent_id)
    raise MessageNotFound("This chat has no question to repeat.")
