"""The repair of characters that a model's provider split between two pieces of a stream.

Each piece of a stream is decoded by itself, so a character beyond the first 65,536 (😀) may arrive as
two halves of a surrogate pair. pydantic-ai joins the pieces but not the halves, and such a text has
no JSON form. Promises: the response that a run continues with has whole characters, U+FFFD for an
unpaired half. Leaves to others: the pieces themselves, which stream readers join.
"""

import json
from dataclasses import dataclass, replace
from typing import TypeVar, cast

from pydantic_ai import ModelResponse
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.messages import (
    ModelResponsePart,
    NativeToolCallPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
)
from pydantic_ai.models import ModelRequestContext
from pydantic_ai.tools import RunContext

from use_cases.kernel.text.storable_text import whole

Deps = TypeVar("Deps")


@dataclass
class WholeCharacters(AbstractCapability[Deps]):
    """A capability that repairs each response of a run before its use."""

    async def after_model_request(
        self,
        ctx: RunContext[Deps],
        *,
        request_context: ModelRequestContext,
        response: ModelResponse,
    ) -> ModelResponse:
        """Return the response with whole characters."""
        return repair_response(response)


def repair_response(response: ModelResponse) -> ModelResponse:
    """Return the response with whole characters in its texts and its calls' arguments."""
    return replace(response, parts=[_repair_part(part) for part in response.parts])


def _repair_part(part: ModelResponsePart) -> ModelResponsePart:
    match part:
        case TextPart() | ThinkingPart():
            return replace(part, content=whole(part.content))
        case ToolCallPart() | NativeToolCallPart():
            args = cast("str | dict[str, object] | None", part.args)
            return replace(part, args=_repair_args(args))
        case _:
            return part


def _repair_args(args: str | dict[str, object] | None) -> str | dict[str, object] | None:
    if isinstance(args, dict):
        return json.loads(whole(json.dumps(args, ensure_ascii=False)))
    return None if args is None else whole(args)
