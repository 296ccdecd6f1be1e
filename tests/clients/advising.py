"""A model that advises as the question says: the first word of it names a script.

It looks something up first, so that the real tools and the real citation check are in the way of
the advice, and writes the advice in small pieces, as a provider streams it.
"""

import json
import re
from collections.abc import AsyncIterator, Iterator, Sequence

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models.function import DeltaToolCall, DeltaToolCalls

from use_cases.kernel.runs.history import unanchored

_PASSAGE = re.compile(r'<source n="(\d+)" document="policies/passwords.md"')
_TOOL = "give_advice"
_SIZE = 5


def asked(text: str) -> str:
    """A question without the date that the model is given with it."""
    return unanchored(text)


def written(advice: object, attempt: int = 0) -> Iterator[DeltaToolCalls]:
    """The advice by the output tool, in pieces."""
    text = json.dumps(advice)
    for start in range(0, len(text), _SIZE):
        name = None if start else _TOOL
        piece = text[start : start + _SIZE]
        yield {0: DeltaToolCall(name, piece, tool_call_id=f"advice_{attempt}")}


def advice(messages: Sequence[ModelMessage], **more: object) -> dict[str, object]:
    """What is advised, with the number that the search gave."""
    texts = [part.model_response_str() for part in _results(messages)]
    (number, *_) = [found[1] for text in texts for found in _PASSAGE.finditer(text)]
    said = {
        "choice": "rotate",
        "main_advice": f'Rotate the "passwords" now 🔑\u2028 [{number}].',
        "reasoning": f"They must be rotated every 90 days [{number}].\nNée 👩\u200d🚀 \\ done.",
        "confidence_score": 0.85,
        "alternatives": [{"option": "wait", "reason": "It is only day 80. 🧱"}],
    }
    return said | more


def searched(messages: Sequence[ModelMessage]) -> bool:
    """Whether something was looked up."""
    return bool(_results(messages))


def attempts(messages: Sequence[ModelMessage]) -> int:
    """How many attempts at advice were refused."""
    parts = [part for message in messages for part in message.parts]
    return sum(isinstance(part, ToolCallPart) and part.tool_name == _TOOL for part in parts)


async def looking_up() -> AsyncIterator[DeltaToolCalls]:
    """The search before the advice."""
    yield {0: DeltaToolCall("search_knowledge_base", '{"query": "rotation"}', tool_call_id="s")}


def earlier(messages: Sequence[ModelMessage]) -> str:
    """Everything that was said before, as the model is given it."""
    parts = [part for message in messages for part in message.parts]
    said = [part for part in parts if isinstance(part, UserPromptPart | TextPart)]
    return " | ".join(asked(str(part.content)) for part in said)


def _results(messages: Sequence[ModelMessage]) -> list[ToolReturnPart]:
    """Of the newest question."""
    found: list[ToolReturnPart] = []
    for message in messages:
        if not isinstance(message, ModelRequest):
            continue
        for part in message.parts:
            if isinstance(part, UserPromptPart):
                found = []
            elif isinstance(part, ToolReturnPart):
                found.append(part)
    return found
