"""Starts a turn and reads it: what the routes that ask a question share.

Promises: an error before the first event comes out of `begun`, so that it becomes a problem with a
status of its own; a stream that is not handed on is closed. Leaves to others: the events as bytes
(`backend/stream`), and what happens once the response has begun.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import partial

from starlette.types import Receive

from backend.composition.container import Container
from backend.errors import InternalError
from backend.http.disconnects import on_departure
from backend.observability.stream_metrics import watched
from use_cases.chat.events import AnswerRecorded, ChatEvent, TurnBegun
from use_cases.chat.model import Answer, Question
from use_cases.kernel.errors import NotFound
from use_cases.kernel.model import Caller
from use_cases.kernel.runs.cancellation import closing


@dataclass(frozen=True, slots=True)
class Begun:
    """A turn whose question is kept. `events` are those after the first; whoever reads them closes them."""

    first: TurnBegun
    events: AsyncGenerator[ChatEvent]


async def begun(candor: Container, person: Caller, *questions: Question) -> Begun:
    """The turn of the first of these questions that can be asked.

    The others are for what the server never heard of: a frontend that asks again, or edits, does
    not know whether its question arrived. Raises what `AskQuestion.stream` raises before its first
    event.
    """
    *tried, last = questions
    for question in tried:
        try:
            return await _first(candor, question, person)
        except NotFound:
            continue
    return await _first(candor, last, person)


async def answered(
    candor: Container, person: Caller, question: Question, receive: Receive
) -> Answer:
    """The recorded answer. Whoever hangs up stops the turn; what was said so far is then recorded."""
    turn = await begun(candor, person, question)
    # Not `CancelTurn`, which would look the chat up first: it is known whose it is.
    stop = partial(candor.inflight.cancel, turn.first.chat.chat_id)
    with on_departure(receive, stop):
        return await _last(turn.events)


async def _first(candor: Container, question: Question, person: Caller) -> Begun:
    events = watched(candor.ask.stream(question, caller=person), candor.metrics.turns)
    first = await anext(events)
    if not isinstance(first, TurnBegun):
        await events.aclose()
        raise InternalError("The turn did not begin as turns do.")
    return Begun(first, events)


async def _last(events: AsyncGenerator[ChatEvent]) -> Answer:
    answer: Answer | None = None
    async with closing(events):
        async for event in events:
            if isinstance(event, AnswerRecorded):
                answer = event.answer
    if answer is None:
        raise InternalError("The turn ended without a recorded answer.")
    return answer
