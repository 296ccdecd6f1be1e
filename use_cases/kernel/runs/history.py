"""The words before the newest message: the earlier turns that the model gets, and today's date.

Of the turns: the newest whole, with their tool calls and results, while they fit; from the first
that does not, questions and answers only; from the first that does not fit either, nothing. So a
turn is never cut in the middle, and what is left out is counted and said. A question that got no
answer is no turn. Of the date: anchored twice is anchored once, with the later date, so that a repeated
request does not pile up dates; what is stored, searched and compared is the text without it.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo

from loguru import logger
from pydantic import ValidationError
from pydantic_ai.messages import (
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolReturnPart,
    UserPromptPart,
)

from use_cases.kernel.runs.record import PastTurn
from use_cases.kernel.text.plain_text import BYTES_PER_TOKEN, utf8_bytes, whole

UNSEEN = "[]"
"""The stored form of a turn that the model must not see again."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """The messages for the model, and how many of the oldest turns were shortened or left out."""

    messages: Sequence[ModelMessage] = ()
    shortened: int = 0
    left_out: int = 0

    @property
    def notice(self) -> str:
        """A sentence for the reader about what was left out."""
        oldest = f"The {self.left_out} oldest turns were"
        what = "The oldest turn of this chat was" if self.left_out == 1 else oldest
        return f"{what} not sent to the model: the chat is longer than HISTORY_TOKENS."


def remembered(past: Sequence[PastTurn], budget: int, earlier: int = 0) -> Remembered:
    """Returns the last turns that fit into `budget` tokens, oldest first.

    `earlier` turns came before `past` and were not read: they are left out in any case.
    """
    rest = budget * BYTES_PER_TOKEN
    chosen: list[Sequence[ModelMessage]] = []
    shortened = 0
    for turn in reversed(past):
        whole = None if shortened else _whole(turn, rest)
        messages = _short(turn, rest) if whole is None else whole
        if messages is None:
            break
        # A turn without a stored form of its own is not shortened by us.
        shortened += whole is None and turn.model_messages is not None
        rest -= _size(turn, short=whole is None)
        chosen.append(messages)
    kept = [message for turn in reversed(chosen) for message in turn]
    return Remembered(kept, shortened, earlier + len(past) - len(chosen))


def stored(messages: Sequence[ModelMessage], delivered: str | None = None) -> str:
    """Returns a turn's messages as JSON, without what the next turn makes anew.

    `delivered` replaces the text of the last response where the reader got another one. Live
    objects in tool metadata and the repeated instructions are dropped.
    """
    slim = [_slim(message) for message in messages]
    if delivered is not None:
        slim = _with_text(slim, delivered)
    try:
        return ModelMessagesTypeAdapter.dump_json(slim).decode()
    except ValueError:  # over half of a surrogate pair, for which none is lost
        found = ModelMessagesTypeAdapter.dump_python(slim, mode="json")
        return whole(json.dumps(found, ensure_ascii=False))


def held_elsewhere(question: str, answer: str) -> PastTurn:
    """Returns a turn that another program held, and tells of: the model gets its words as they are."""
    return PastTurn(question, answer, stored(_exchange(question, answer)))


def _size(turn: PastTurn, *, short: bool) -> int:
    """Returns the bytes of a turn; the JSON of a whole one has some overhead of its own."""
    if turn.model_messages == UNSEEN or turn.answer is None:
        return 0
    if short or turn.model_messages is None:
        return utf8_bytes(turn.question) + utf8_bytes(turn.answer)
    return utf8_bytes(turn.model_messages)


def _whole(turn: PastTurn, rest: int) -> Sequence[ModelMessage] | None:
    if turn.model_messages is None or _size(turn, short=False) > rest:
        return None
    try:
        return ModelMessagesTypeAdapter.validate_json(turn.model_messages)
    except ValidationError:
        logger.warning("the stored messages of a turn cannot be read; question and answer are used")
        return None


def _short(turn: PastTurn, rest: int) -> Sequence[ModelMessage] | None:
    # A question that got no answer may have been stopped by a content filter, which would then stop
    # every later one, too.
    if turn.model_messages == UNSEEN or turn.answer is None:
        return ()
    if _size(turn, short=True) > rest:
        return None
    return _exchange(turn.question, turn.answer)


def _exchange(question: str, answer: str) -> Sequence[ModelMessage]:
    request = ModelRequest(parts=[UserPromptPart(question)])
    return (request, ModelResponse(parts=[TextPart(answer)]))


def _slim(message: ModelMessage) -> ModelMessage:
    if isinstance(message, ModelResponse):
        return message
    parts = [
        replace(part, metadata=None) if isinstance(part, ToolReturnPart) else part
        for part in message.parts
    ]
    return replace(message, parts=parts, instructions=None)


def _with_text(messages: list[ModelMessage], text: str) -> list[ModelMessage]:
    last = messages[-1] if messages else None
    if not isinstance(last, ModelResponse):
        return [*messages, ModelResponse(parts=[TextPart(text)])]
    others = [part for part in last.parts if not isinstance(part, TextPart)]
    return [*messages[:-1], replace(last, parts=[*others, TextPart(text)])]


_ANCHOR = re.compile(r"\A(?:\s*Current Date: \d{4}-\d{2}-\d{2}(?:[ \t]*\r?\n|\Z)(?:[ \t]*\r?\n)*)+")


def anchored(text: str, today: date) -> str:
    """Returns the message as the model is given it."""
    return f"Current Date: {today.isoformat()}\n\n{unanchored(text)}"


def unanchored(text: str) -> str:
    """Returns the message as a person wrote it."""
    return _ANCHOR.sub("", text, count=1)


def today_in(zone: tzinfo, now: datetime) -> date:
    """Returns the date in a time zone at a moment."""
    return now.astimezone(zone).date()
