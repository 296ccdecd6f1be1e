"""Reads a stream along: tells the figures of its beginning, its first text and its errors.

Answers and advice are counted where they are kept (`backend/observability/record_metrics.py`): a reader who leaves hears
of none.
"""

import time
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import TypeVar

from pydantic_ai import PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta

from backend.errors import InternalError
from backend.observability.metrics import TurnFigures
from use_cases.advice.giving.events import AdviceBegun, AdviceEvent, AdviceReplaced, TextGiven
from use_cases.chat.events import AnswerReplaced, ChatEvent, TurnBegun
from use_cases.kernel.errors import CandorError
from use_cases.kernel.runs.cancellation import closing
from use_cases.kernel.runs.log_labels import label

Event = TypeVar("Event")


def watched(events: AsyncGenerator[ChatEvent], figures: TurnFigures) -> AsyncGenerator[ChatEvent]:
    """The same events; once the turn has begun, its reader's log lines have its ids, too."""
    return _watched(events, figures, _ids_of_turn, _is_text)


def watched_advice(
    events: AsyncGenerator[AdviceEvent], figures: TurnFigures
) -> AsyncGenerator[AdviceEvent]:
    """The same events; once advice has begun, its reader's log lines have its id, too."""
    return _watched(events, figures, _ids_of_advice, _is_advice)


async def _watched(
    events: AsyncGenerator[Event],
    figures: TurnFigures,
    ids: Callable[[Event], Mapping[str, str] | None],
    is_text: Callable[[Event], bool],
) -> AsyncGenerator[Event]:
    asked = time.monotonic()
    begun = heard = False
    try:
        async with closing(events):
            async for event in events:
                if not heard and is_text(event):
                    heard = True
                    figures.first_text(time.monotonic() - asked)
                elif not begun and (found := ids(event)) is not None:
                    begun = True
                    figures.began()
                    label(**found)
                yield event
    except Exception as error:
        if begun:
            figures.failed(error.code if isinstance(error, CandorError) else InternalError.code)
        raise
    finally:
        if begun:
            figures.ended()


def _ids_of_turn(event: ChatEvent) -> Mapping[str, str] | None:
    if isinstance(event, TurnBegun):
        return {"chat_id": event.chat.chat_id, "run_id": event.answer_id}
    return None


def _ids_of_advice(event: AdviceEvent) -> Mapping[str, str] | None:
    return {"run_id": event.response_id} if isinstance(event, AdviceBegun) else None


def _is_advice(event: AdviceEvent) -> bool:
    return isinstance(event, TextGiven | AdviceReplaced)


def _is_text(event: ChatEvent) -> bool:
    match event:
        case PartDeltaEvent(delta=TextPartDelta(content_delta=text)):
            return bool(text)
        case PartStartEvent(part=TextPart(content=text)):
            return bool(text)
        case _:
            return isinstance(event, AnswerReplaced)
