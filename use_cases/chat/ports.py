"""The ports of the chat capability, beside the kernel's."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Protocol

from use_cases.chat.model import Answer, AnswerFacts, Chat, Feedback, Message, Mode
from use_cases.chat.questions import Opened, Opening
from use_cases.kernel.identity.admission import Charge
from use_cases.kernel.model import Caller, DocumentRef, Page, Passage
from use_cases.kernel.targets import EVERY_ANSWER, AnswerFilter


class Answers(Protocol):
    """The recorded answers."""

    async def answers(
        self,
        caller: Caller,
        wanted: AnswerFilter = EVERY_ANSWER,
        *,
        limit: int = 50,
        before: str | None = None,
    ) -> Page[Answer]:
        """Returns the caller's answers that are wanted, newest first; `before` is the id of the last
        one already seen.

        Raises `AnswerNotFound` when `before` is no answer of the caller's.
        """
        ...

    async def facts(self, caller: Caller, wanted: AnswerFilter, *, limit: int) -> Page[AnswerFacts]:
        """Returns the figures of the caller's answers that are wanted, newest first."""
        ...

    async def answer(self, caller: Caller, answer_id: str) -> Answer:
        """Returns an answer of the caller's. Raises `AnswerNotFound`."""
        ...

    async def judge(self, caller: Caller, answer_id: str, feedback: Feedback) -> Answer:
        """Keeps the feedback on an answer, instead of the one before. Raises `AnswerNotFound`."""
        ...


class Wish(IntEnum):
    """A wish of another process about a running answer."""

    MAKE_WAY = -1
    """That it stops if nobody reads it."""
    FOLLOW = 0
    """That it is passed on."""


class Relay(Protocol):
    """Running answers on their way to other processes."""

    async def running(self, chat_id: str, now: datetime) -> str | None:
        """Returns the turn that holds this chat, in whichever process."""
        ...

    async def ask(self, turn_id: str, wish: Wish, now: datetime) -> None:
        """Tells the process of this turn what is wished; once is enough."""
        ...

    async def asked(self, turn_ids: Collection[str]) -> Sequence[tuple[str, Wish]]:
        """Returns the wishes about these turns."""
        ...

    async def write(self, turn_id: str, place: int, text: str | None) -> None:
        """Keeps a piece of the answer; places count from 1. None: there are no more."""
        ...

    async def read(self, turn_id: str, after: int) -> Sequence[str | None]:
        """Returns the pieces after this place, in order."""
        ...

    async def forget(self, turn_id: str) -> None:
        """Removes all that is kept of this turn."""
        ...


class CitableDocuments(Protocol):
    """The documents of the knowledge base."""

    async def references(self) -> Sequence[DocumentRef]:
        """Returns every stored document, in its current version."""
        ...


class Transcript(Protocol):
    """The messages of chats, written turn by turn. Each call is one short transaction."""

    async def open(self, caller: Caller, opening: Opening) -> Opened:
        """Keeps the question (and make its chat and user, where they are new); durable on return.

        The question goes under the last message shown or `after`, or in the place of the message `at`. A
        question that repeats text and `client_id` of one that is there is that one, not a second.
        It becomes the last message shown, and its turn holds the chat. Raises `ChatBusy` when
        another turn does, in whichever process, `ChatNotFound` when there is no such chat,
        `ConversationLocked` when a project was made of it, and `MessageNotFound` when there is no message `at` or `after`, or nothing to ask again.
        """
        ...

    async def close(
        self,
        caller: Caller,
        answer: Answer,
        message: Message,
        model_messages: Callable[[], str],
        charge: Charge | None = None,
    ) -> None:
        """Keeps an answer with its message under its question; it becomes the last message shown, and
        its turn no longer holds the chat. `charge` is added to what its key has used.
        `model_messages` writes what the next turn gives the model, as pydantic-ai's JSON.

        All or nothing, durable on return. Raises `ChatNotFound` when the chat was deleted
        meanwhile, and `Conflict` when the id is taken.
        """
        ...

    async def abandon(self, turn_id: str, charge: Charge | None) -> None:
        """Ends a turn without an answer: it no longer holds its chat, and its key is charged."""
        ...


@dataclass(frozen=True, slots=True)
class SaidBranch:
    """The messages of a branch up to one of them, without hidden ones.

    `newest` are the last ones, oldest first; `ids` the places of all, from the last one (-0) upwards
    (-1, …); `imported` counts those that were imported.
    """

    newest: Sequence[Passage] = ()
    ids: Mapping[str, int] = field(default_factory=dict[str, int])
    imported: int = 0


class SaidMessages(Protocol):
    """Messages as what may be quoted: a passage each, with who said it."""

    async def branch(self, message_id: str) -> SaidBranch:
        """Returns the branch that ends with this message."""
        ...

    async def messages(self, caller: Caller, message_ids: Sequence[str]) -> Sequence[Passage]:
        """Returns these messages, in any order; others' and hidden ones are left out."""
        ...


class Chats(Protocol):
    """The chats of a person. Another person's chat is as absent as one that never was.

    Everywhere `chat_id` may be the chat's own id or the id that the caller's frontend gave it.
    """

    async def chat(self, caller: Caller, chat_id: str) -> Chat:
        """Returns a chat. Raises `ChatNotFound`."""
        ...

    async def chats(
        self,
        caller: Caller,
        *,
        user_id: str | None = None,
        limit: int = 50,
        before: str | None = None,
    ) -> Page[Chat]:
        """Returns the last used first; `before` is the id of the last one already seen.

        `user_id` restricts a caller who owns all to one user's chats. Raises `ChatNotFound` when
        `before` is no chat of the caller's.
        """
        ...

    async def messages(
        self, caller: Caller, chat_id: str, *, limit: int = 200, before: str | None = None
    ) -> Page[Message]:
        """Returns the last `limit` messages of the shown branch (before the message `before`), oldest
        first; `more`: others come before them.

        Raises `ChatNotFound`, and `MessageNotFound` when `before` is not on that branch.
        """
        ...

    async def change(
        self, caller: Caller, chat_id: str, *, title: str | None, mode: Mode | None
    ) -> Chat:
        """Gives it another title or mode; None: as it is.

        Raises `ChatNotFound` and `ConversationLocked`.
        """
        ...

    async def delete(self, caller: Caller, chat_id: str) -> None:
        """Removes it with its messages and recorded answers; a turn that holds it stops when it looks.
        Raises `ChatNotFound`.
        """
        ...
