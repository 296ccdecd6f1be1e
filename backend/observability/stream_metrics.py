"""Metrics of a stream: its beginning, its first text and its errors.

Answers and advice are counted where they are recorded (`AnswerFigures.record`),
because a client that leaves does not receive them.
"""

import time
from collections.abc import AsyncGenerator
from typing import TypeVar

from pydantic_ai import PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta

from backend.errors import InternalError
from backend.observability.metrics import TurnFigures
from use_cases.advice.giving.events import AdviceReplaced, TextGiven
from use_cases.chat.events import AnswerReplaced
from use_cases.kernel.errors import CandorError
from use_cases.kernel.runs.cancellation import closing
from use_cases.kernel.runs.run_log import label
from use_cases.kernel.runs.turn import RunBegun

Event = TypeVar("Event")


async def watched(events: AsyncGenerator[Event], figures: TurnFigures) -> AsyncGenerator[Event]:
    """Yield the same events with metrics; once the turn has begun, the reader's log lines carry its
    ids.
    """
    asked = time.monotonic()
    begun = heard = False
    try:
        async with closing(events):
            async for event in events:
                if not heard and _is_text(event):
                    heard = True
                    figures.record_first_text(time.monotonic() - asked)
                elif not begun and isinstance(event, RunBegun):
                    begun = True
                    figures.begin()
                    label(**event.labels)
                yield event
    except Exception as error:
        if begun:
            figures.record_failure(
                error.code if isinstance(error, CandorError) else InternalError.code
            )
        raise
    finally:
        if begun:
            figures.end()


def _is_text(event: object) -> bool:
    match event:
        case PartDeltaEvent(delta=TextPartDelta(content_delta=text)):
            return bool(text)
        case PartStartEvent(part=TextPart(content=text)):
            return bool(text)
        case _:
            return isinstance(event, AnswerReplaced | TextGiven | AdviceReplaced)
