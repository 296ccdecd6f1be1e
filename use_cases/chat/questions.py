"""The beginning of a turn in the store: the question that it answers, and what was said before.

Its chat is one that is there, or a new one. The question is a new one, one that is asked again, or one that is there already. Leaves reading and keeping
messages to the store, which asks within its transaction.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from use_cases.chat.errors import ChatNotFound, MessageNotFound
from use_cases.chat.model import Chat, Message, Question, Role
from use_cases.kernel.model import Caller
from use_cases.kernel.runs.record import PastTurn

CHAT = "chat"
"""How the id of a chat begins that is made here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The beginning of a turn in the store.

    Where `choose_chat` says so, a chat is made with `new_chat` and `title`. The text of `question` is kept
    under `message_id`. `now` is the moment of all that is written. The turn `turn_id`,
    which is the id of its answer, holds the chat `until` then, unless it is renewed
    (`use_cases.kernel.runs.inflight`).
    """

    question: Question
    new_chat: str
    title: str
    message_id: str
    now: datetime
    turn_id: str
    until: datetime

    @property
    def client_chat_id(self) -> str | None:
        """The id of the chat by which the person's frontend knows it."""
        return self.question.chat_id if self.question.own_chat_id else None


@dataclass(frozen=True, slots=True)
class Opened:
    """A turn that has begun: its chat, the kept question, and what was said before, oldest first.

    A store need not read a long chat whole: `past` are its newest turns, and `earlier` says how
    many more came before them.
    """

    chat: Chat
    question: Message
    past: Sequence[PastTurn]
    earlier: int = 0


def choose_chat(question: Question, found: Chat | None, caller: Caller) -> Chat | None:
    """Returns the chat that a question goes into, of the one `found` under its id; None for a new one.

    Only a caller who owns all is ever given another person's whose frontend gives the same ids, as when a
    frontend acts for its users. Raises `ChatNotFound`.
    """
    if question.chat_id is None:
        return None
    if found is not None:
        named = question.own_chat_id and found.chat_id != question.chat_id
        if found.user_id == caller.user_id or not named:
            return found
    # Ids of our own making are never a frontend's: such a chat is gone, or another person's.
    ours = question.chat_id.startswith(f"{CHAT}_")
    if ours or not question.own_chat_id or question.text is None:
        raise ChatNotFound(f"No chat has the id {question.chat_id!r}.")
    return None


def earlier_messages(opening: Opening, chat: Chat) -> Iterator[tuple[Message, str | None]]:
    """Yields the messages of the turns before the question that it keeps, for a chat without any, each with
    the stored form of its turn where it is an answer.
    """
    parent = None
    for number, turn in enumerate(opening.question.earlier if opening.question.keeps else ()):
        for role, text in ((Role.USER, turn.question), (Role.ASSISTANT, turn.answer or "")):
            said = Message(
                message_id=f"{opening.message_id}-{number}-{role}",
                chat_id=chat.chat_id,
                parent_id=parent,
                role=role,
                text=text,
                created_at=opening.now,
            )
            parent = said.message_id
            yield said, turn.model_messages if role is Role.ASSISTANT else None


class ChatMessages(Protocol):
    """The messages of one chat; of several that fit, the newest."""

    def by_id(self, message_id: str) -> Message | None:
        """Returns the message of this id."""
        ...

    def by_client_id(self, client_id: str) -> Message | None:
        """Returns the message that the frontend gave this id."""
        ...

    def repeated(self, client_id: str, text: str) -> Message | None:
        """Returns the question with this text that the frontend gave this id."""
        ...


def choose_question(
    opening: Opening, chat: Chat, leaf: str | None, messages: ChatMessages
) -> tuple[Message, bool]:
    """Returns the question to answer, and whether it is new. Raises `MessageNotFound`."""
    asked = opening.question
    if asked.text is None:
        return _asked(asked.at or leaf, messages), False
    parent = leaf if asked.at is None else _asked(asked.at, messages).parent_id
    if asked.after is not None:
        parent = _named(asked.after, messages).message_id
    if asked.client_id is not None:
        repeated = messages.repeated(asked.client_id, asked.text)
        if repeated is not None:
            return repeated, False
    question = Message(
        message_id=opening.message_id,
        chat_id=chat.chat_id,
        parent_id=parent,
        role=Role.USER,
        text=asked.text,
        created_at=opening.now,
        client_id=asked.client_id,
    )
    return question, True


def _named(message_id: str, messages: ChatMessages) -> Message:
    """Returns the message of this id, or of this id of the frontend. Raises `MessageNotFound`."""
    message = messages.by_id(message_id) or messages.by_client_id(message_id)
    if message is None:
        raise MessageNotFound(f"This chat has no message {message_id!r}.")
    return message


def _asked(at: str | None, messages: ChatMessages) -> Message:
    """Returns the question that this message is or answers. Raises `MessageNotFound`."""
    if at is not None:
        message = messages.by_id(at) or messages.by_client_id(at)
        while message is not None:
            if message.role is Role.USER and not message.hidden:
                return message
            message = None if message.parent_id is None else messages.by_id(message.parent_id)
    raise MessageNotFound("This chat has no question to repeat.")
