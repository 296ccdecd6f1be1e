"""Stored messages in the client library's form: equal to the result of the live stream.

One UI message for each answer, with the parts, ids and metadata that
`backend/stream/ui_messages.py` streams. A question keeps the id that its frontend gave it.
"""

from collections.abc import Iterator, Sequence
from typing import NotRequired, cast

from pydantic import JsonValue
from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

from backend.schemas.chat_schemas import arguments_object, unsourced_label
from backend.stream import wire
from backend.stream.wire import Shape
from use_cases.chat.model import (
    Answer,
    Message,
    Part,
    Role,
    ShownReasoning,
    ShownReplacement,
    ShownText,
    ShownTool,
    StepBegun,
)


class UIMessage(TypedDict):
    """A message in the form of AI SDK 5 and later."""

    id: str
    role: str
    metadata: NotRequired[dict[str, JsonValue]]
    parts: list[dict[str, JsonValue]]


def ui_messages(messages: Sequence[Message]) -> list[UIMessage]:
    """Returns the messages for `useChat({messages})`."""
    return [_question(m) if m.role is Role.USER else _answer(m) for m in messages]


def _question(message: Message) -> UIMessage:
    return {
        "id": message.client_id or message.message_id,
        "role": message.role.value,
        "parts": [{"type": "text", "text": message.text}],
    }


def _answer(message: Message) -> UIMessage:
    metadata = wire.initial_metadata(chat_id=message.chat_id, question_id=message.parent_id)
    shown = [*(message.parts or (StepBegun(), ShownText(message.text)))]
    if message.answer is not None:
        shown.append(ShownText(unsourced_label(message.answer)))
    parts = list(_PartBuilder(message.message_id).of(shown))
    if message.answer is not None:
        metadata |= wire.final_metadata(message.answer)
        parts += _sources(message.answer)
    return {
        "id": message.message_id,
        # The client library knows no role of tools; what one wrote is part of an imported answer.
        "role": "system" if message.role is Role.SYSTEM else "assistant",
        "metadata": metadata,
        "parts": parts,
    }


def _sources(answer: Answer) -> Iterator[Shape]:
    for source in answer.sources:
        yield {"type": "source-document", **wire.source_document(answer, source)}
    if answer.sources:
        yield {"type": "data-sources", "data": wire.sources(answer)}


class _PartBuilder:
    """Builds parts: texts that follow each other are one part, and empty ones none, as in the
    stream.
    """

    def __init__(self, message_id: str) -> None:
        self._id = message_id
        self._count = 0
        self._last: Shape | None = None

    def of(self, parts: Sequence[Part]) -> Iterator[Shape]:
        for part in parts:
            yield from self._shown(part)

    def _shown(self, part: Part) -> Iterator[Shape]:
        match part:
            case ShownText(text):
                yield from self._piece("text", text)
            case ShownReasoning(text):
                yield from self._piece("reasoning", text)
            case ShownTool():
                self._last = None
                yield _tool(part)
            case StepBegun():
                self._last = None
                yield {"type": "step-start"}
            case ShownReplacement(text, reason):
                self._last = None
                yield {"type": "data-answer-replaced", "data": wire.replaced(text, reason)}
                yield from self._piece("text", text)

    def _piece(self, kind: str, text: str) -> Iterator[Shape]:
        if not text:
            return
        if self._last is not None and self._last["type"] == kind:
            self._last["text"] = cast("str", self._last["text"]) + text
            return
        self._count += 1
        self._last = {"type": kind, "text": text, "state": "done"}
        if kind == "reasoning":  # the one kind whose id the client keeps
            self._last["id"] = wire.part_id(self._id, self._count)
        yield self._last


def _tool(tool: ShownTool) -> Shape:
    part: Shape = {
        "type": f"tool-{tool.name}",
        "toolCallId": tool.call_id,
        "input": arguments_object(tool.arguments),
    }
    if tool.result is None:
        return part | {"state": "output-error", "errorText": wire.STOPPED_TOOL}
    if tool.failed:
        return part | {"state": "output-error", "errorText": tool.result}
    return part | {"state": "output-available", "output": tool.result}
