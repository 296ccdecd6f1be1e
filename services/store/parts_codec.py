"""The JSON inside a message's row: its parts, as its reader saw them."""

from collections.abc import Sequence
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, JsonValue

from services.store.stored_form import Envelope, StorableText, StoredForm, readable
from use_cases.chat.model import (
    Part,
    ShownReasoning,
    ShownReplacement,
    ShownText,
    ShownTool,
    StepBegun,
)


def encode_parts(parts: Sequence[Part]) -> JsonValue:
    """The stored form of a message's parts."""
    return _Parts(items=tuple(_encoded(part) for part in parts)).stored()


def decode_parts(stored: JsonValue) -> tuple[Part, ...]:
    """The parts again. Raises `NewerDatabase`, or `ValueError` for what is no stored form."""
    return tuple(_decoded(part) for part in _Parts.model_validate(readable(stored)).items)


class _Step(StoredForm):
    kind: Literal["step"] = "step"


class _Text(StoredForm):
    kind: Literal["text"] = "text"
    text: StorableText


class _Reasoning(StoredForm):
    kind: Literal["reasoning"] = "reasoning"
    text: StorableText


class _Tool(StoredForm):
    kind: Literal["tool"] = "tool"
    call_id: StorableText
    name: StorableText
    arguments: StorableText
    result: StorableText | None = None
    failed: bool = False


class _Replacement(StoredForm):
    kind: Literal["replacement"] = "replacement"
    text: StorableText
    reason: StorableText


_Part: TypeAlias = _Step | _Text | _Reasoning | _Tool | _Replacement


class _Parts(Envelope):
    items: tuple[Annotated[_Part, Field(discriminator="kind")], ...]


def _encoded(part: Part) -> _Part:
    match part:
        case StepBegun():
            return _Step()
        case ShownText(text):
            return _Text(text=text)
        case ShownReasoning(text):
            return _Reasoning(text=text)
        case ShownTool():
            return _Tool.model_validate(part)
        case ShownReplacement(text, reason):
            return _Replacement(text=text, reason=reason)


def _decoded(stored: _Part) -> Part:
    match stored:
        case _Step():
            return StepBegun()
        case _Text():
            return ShownText(stored.text)
        case _Reasoning():
            return ShownReasoning(stored.text)
        case _Tool():
            return ShownTool(
                call_id=stored.call_id,
                name=stored.name,
                arguments=stored.arguments,
                result=stored.result,
                failed=stored.failed,
            )
        case _Replacement():
            return ShownReplacement(stored.text, stored.reason)
