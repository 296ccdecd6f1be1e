"""Reads a turn's stream along: tells the figures of its beginning, its first text and its errors.

Answers are counted where they are kept (`backend/hearing.py`): a reader who leaves hears of none.
"""

import time
from collections.abc import AsyncGenerator

from pydantic_ai import PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta

from backend.errors import InternalError
from backend.metrics import TurnFigures
from use_cases.chat.ask import ChatEvent
from use_cases.chat.events import AnswerReplaced, TurnBegun
from use_cases.kernel.errors import CandorError
from use_cases.kernel.labels import label
from use_cases.kernel.shielding import closing


async def watched(
    events: AsyncGenerator[ChatEvent], figures: TurnFigures
) -> AsyncGenerator[ChatEvent]:
    """The same events; once the turn has begun, its reader's log lines have its ids, too."""
    asked = time.monotonic()
    begun = heard = False
    try:
        async with closing(events):
            async for event in events:
                if not heard and _is_text(event):
                    heard = True
                    figures.first_text(time.monotonic() - asked)
                elif not begun and isinstance(event, TurnBegun):
                    begun = True
                    figures.began()
                    label(chat_id=event.chat.chat_id, run_id=event.answer_id)
                yield event
    except Exception as error:
        if begun:
            figures.failed(error.code if isinstance(error, CandorError) else InternalError.code)
        raise
    finally:
        if begun:
            figures.ended()


def _is_text(event: ChatEvent) -> bool:
    match event:
        case PartDeltaEvent(delta=TextPartDelta(content_delta=text)):
            return bool(text)
        case PartStartEvent(part=TextPart(content=text)):
            return bool(text)
        case _:
            return isinstance(event, AnswerReplaced)
