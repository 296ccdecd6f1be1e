"""Starts advice and reads it: what the routes that ask for it share.

Promises: an error before the first event comes out of `begun`, so that it becomes a problem with a
status of its own; a stream that is not handed on is closed. Leaves to others: the events as bytes
(`backend/stream`), and what happens once the response has begun.
"""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any

import anyio
from starlette.types import Receive

from backend.composition.container import Container
from backend.errors import InternalError, NotJson
from backend.http.disconnects import on_departure
from backend.http.problems import documented
from backend.observability.stream_metrics import watched_advice
from backend.schemas.advice import StructuredAdvice
from backend.stream.response import StreamedResponse
from backend.stream.wire import Wire
from use_cases.advice.errors import (
    ConversationInvalid,
    ProfileBroken,
    ProfileUnknown,
    PromptTypeUnknown,
    SearchOverrideAlone,
    SearchOverrideConflict,
)
from use_cases.advice.giving.events import AdviceBegun, AdviceEvent, AdviceRecorded
from use_cases.advice.model import AdviceQuestion
from use_cases.kernel.errors import (
    ContentFiltered,
    DefaultModelUnusable,
    InvalidInput,
    ModelKeyRejected,
    ModelMisbehaved,
    ModelNotAllowed,
    ModelNotConfigured,
    ModelQuotaExceeded,
    ModelUnknown,
    ModelUnreachable,
    PromptTooLong,
    RateLimited,
    StorageBusy,
    StorageDamaged,
    StorageFull,
    TooLarge,
    UpstreamFailed,
    UpstreamTimeout,
)
from use_cases.kernel.identity.errors import BudgetSpent, TooManyAnswers
from use_cases.kernel.model import Caller
from use_cases.kernel.runs.cancellation import closing

RESPONSE_ID = "X-Response-Id"
EVENTS = "text/event-stream"

_TEXT = {"type": "string"}
_EVENT = {
    "type": "object",
    "description": "One server-sent event.",
    "properties": {"event": {"type": "string"}, "data": {"type": "string"}},
    "required": ["data"],
}

_BEFORE = (
    ConversationInvalid,
    ProfileUnknown,
    ProfileBroken,
    PromptTypeUnknown,
    SearchOverrideConflict,
    SearchOverrideAlone,
    InvalidInput,
    ModelUnknown,
    ModelNotAllowed,
    ModelNotConfigured,
    DefaultModelUnusable,
    NotJson,
    TooLarge,
    RateLimited,
    TooManyAnswers,
    BudgetSpent,
    StorageDamaged,
)
_AFTER = (
    PromptTooLong,
    ContentFiltered,
    ModelKeyRejected,
    ModelQuotaExceeded,
    ModelMisbehaved,
    ModelUnreachable,
    UpstreamFailed,
    UpstreamTimeout,
    StorageBusy,
    StorageFull,
)

ADVISED = documented(*_BEFORE, *_AFTER)
"""The problems of whole advice."""


@dataclass(frozen=True, slots=True)
class Begun:
    """Advice whose id is known. `events` are those after the first; whoever reads them closes them."""

    first: AdviceBegun
    events: AsyncGenerator[AdviceEvent]


async def begun(candor: Container, person: Caller, question: AdviceQuestion) -> Begun:
    """The advice; raises what `GiveAdvice.stream` raises before its first event."""
    asked = candor.give_advice.stream(question, caller=person)
    events = watched_advice(asked, candor.metrics.turns)
    first = await anext(events)
    if not isinstance(first, AdviceBegun):
        await events.aclose()
        raise InternalError("The advice did not begin as advice does.")
    return Begun(first, events)


async def streamed(
    candor: Container, person: Caller, question: AdviceQuestion, wire: Wire[AdviceEvent]
) -> StreamedResponse[AdviceEvent]:
    """The response that streams it over this wire; its id is in a header."""
    advice = await begun(candor, person, question)
    return StreamedResponse(
        advice.first,
        advice.events,
        wire,
        candor.settings.heartbeat_seconds,
        headers={RESPONSE_ID: advice.first.response_id, "Vary": "Accept"},
    )


async def advised(
    candor: Container, person: Caller, question: AdviceQuestion, receive: Receive
) -> StructuredAdvice:
    """The whole advice. Whoever hangs up stops it; what was said so far is then recorded."""
    advice = await begun(candor, person, question)
    with anyio.CancelScope() as asked, on_departure(receive, asked.cancel):
        return await _last(advice)
    # Nobody reads this any more; it is no error either.
    kept = await candor.show_advice.run(person, advice.first.response_id)
    return StructuredAdvice.of(kept, option_label=advice.first.option_label)


def described(content: Mapping[str, str], *more: str) -> dict[int | str, Any]:
    """The stream in its media types, each with an example, and the problems that keep it from beginning."""
    headers = {
        RESPONSE_ID: "The advice's id, before its first byte; for `POST /feedback`.",
        **dict.fromkeys(more, "Names the protocol."),
    }
    answer = {
        "description": "The advice while it is given. Errors that come later are part of it.",
        "headers": {
            name: {"schema": {"type": "string"}, "description": text}
            for name, text in headers.items()
        },
        "content": {
            media: {"schema": _EVENT if media == EVENTS else _TEXT, "example": example}
            for media, example in content.items()
        },
    }
    return {200: answer, **documented(*_BEFORE)}


async def _last(advice: Begun) -> StructuredAdvice:
    async with closing(advice.events) as events:
        async for event in events:
            if isinstance(event, AdviceRecorded):
                label = advice.first.option_label
                return StructuredAdvice.of(event.response, option_label=label)
    raise InternalError("The advice ended without a record.")
