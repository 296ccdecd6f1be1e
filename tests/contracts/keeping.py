"""What the contracts of `Transcript`, `Chats` and `Answers` have in common: one store, and turns in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from services.store.chats import SqlChats
from services.store.leases import SqlLeases
from services.store.store import Store
from services.store.stored_answers import SqlAnswers
from services.store.transcript import SqlTranscript
from tests.fakes.chats import InMemoryChats
from use_cases.chat.model import Answer, Chat, Message, Mode, Part, Question, Role
from use_cases.chat.ports import Answers, Chats, Transcript
from use_cases.chat.questions import Opened, Opening
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.model import Caller
from use_cases.kernel.runs.inflight import Leases

ANNA = Caller("anna")
BORIS = Caller("boris")
NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Kept:
    """Four ports over one store."""

    transcript: Transcript
    chats: Chats
    answers: Answers
    leases: Leases


def kept_in_memory() -> Kept:
    """The fake."""
    fake = InMemoryChats()
    return Kept(fake, fake, fake, fake.leases)


def kept_in(store: Store) -> Kept:
    """The adapters on this store."""
    return Kept(SqlTranscript(store), SqlChats(store), SqlAnswers(store), SqlLeases(store))


def at_minute(minute: int) -> datetime:
    """That many minutes after noon."""
    return NOON + timedelta(minutes=minute)


def opening(
    name: str,
    *,
    chat: Chat | None = None,
    text: str | None = "?",
    own: str | None = None,
    client_id: str | None = None,
    at: str | None = None,
    after: str | None = None,
    mode: Mode | None = None,
    minute: int = 0,
    holding: timedelta = timedelta(0),
) -> Opening:
    """The question `msg_NAME` of the turn `ans_NAME`; where there is no chat, in a new one called
    `chat_NAME`. It holds its chat so long.
    """
    return Opening(
        new_chat=f"chat_{name}",
        title=f"About {name}",
        question=Question(
            text=text,
            chat_id=own if chat is None else chat.chat_id,
            own_chat_id=own is not None,
            client_id=client_id,
            at=at,
            after=after,
            mode=mode,
        ),
        message_id=f"msg_{name}",
        now=at_minute(minute),
        turn_id=f"ans_{name}",
        until=at_minute(minute) + holding,
    )


def answer_to(opened: Opened, name: str, *, text: str = "So.", minute: int = 0) -> Answer:
    """The answer `ans_NAME` to the question of this turn."""
    return Answer(
        answer_id=f"ans_{name}",
        chat_id=opened.chat.chat_id,
        user_id=opened.chat.user_id,
        question=opened.question.text,
        category=None,
        text=text,
        outcome=Outcome.NOT_FOUND,
        sources=(),
        tool_calls=(),
        model="offline:extractive",
        prompt_version="chat-3",
        input_tokens=None,
        output_tokens=None,
        cost=None,
        latency_ms=0,
        created_at=at_minute(minute),
    )


def message_of(answer: Answer, question: Message, parts: Sequence[Part] = ()) -> Message:
    """The message of an answer, under its question."""
    return Message(
        message_id=answer.answer_id,
        chat_id=question.chat_id,
        parent_id=question.message_id,
        role=Role.ASSISTANT,
        text=answer.text,
        created_at=answer.created_at,
        parts=parts,
        answer=answer,
    )


async def turn(
    kept: Kept,
    begin: Opening,
    *,
    caller: Caller = ANNA,
    name: str = "",
    text: str = "So.",
    outcome: Outcome = Outcome.NOT_FOUND,
) -> Opened:
    """A whole turn; its answer has the question's moment and, unless told, its name."""
    opened = await kept.transcript.open(caller, begin)
    name = name or opened.question.message_id.removeprefix("msg_")
    minute = round((begin.now - NOON).total_seconds() / 60)
    answer = replace(answer_to(opened, name, text=text, minute=minute), outcome=outcome)
    message = message_of(answer, opened.question)
    await kept.transcript.close(
        caller, answer, message, lambda: f'["what the model saw of {name}"]'
    )
    return opened


async def record(transcript: Transcript, answer: Answer) -> None:
    """Keep an answer in a new chat of its own, which has the id that the answer says."""
    caller = Caller(answer.user_id)
    question = Opening(
        new_chat=answer.chat_id or "",
        title="?",
        question=Question(text=answer.question),
        message_id=f"msg_{answer.answer_id}",
        now=answer.created_at,
        turn_id=answer.answer_id,
        until=answer.created_at,
    )
    opened = await transcript.open(caller, question)
    await transcript.close(caller, answer, message_of(answer, opened.question), lambda: "[]")


HOSTILE = "NUL \0, half \ud800, \U0001f600, \u2028 ' \" \\ =1+1"
STORED = "NUL \ufffd, half \ufffd, \U0001f600, \u2028 ' \" \\ =1+1"
