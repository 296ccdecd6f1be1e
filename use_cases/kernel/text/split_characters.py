"""Puts characters together that a model's provider cut in two between two pieces of a stream.

Each piece of a stream is decoded by itself, so a character beyond the first 65,536 (😀) may arrive as
two halves of a surrogate pair. pydantic-ai joins the pieces but not the halves, and no JSON can then
be made of the text. Promises: the response that a run goes on with holds whole characters, U+FFFD for
a half without its other. Leaves to others: the pieces themselves, which readers join while they come.
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
    """Mends each response of a run before anything is made of it."""

    async def after_model_request(
        self,
        ctx: RunContext[Deps],
        *,
        request_context: ModelRequestContext,
        response: ModelResponse,
    ) -> ModelResponse:
        """The response with whole characters."""
        return mended(response)


def mended(response: ModelResponse) -> ModelResponse:
    """The response with whole characters in its texts and in the arguments of its calls."""
    return replace(response, parts=[_mended(part) for part in response.parts])


def _mended(part: ModelResponsePart) -> ModelResponsePart:
    match part:
        case TextPart() | ThinkingPart():
            return replace(part, content=whole(part.content))
        case ToolCallPart() | NativeToolCallPart():
            args = cast("str | dict[str, object] | None", part.args)
            return replace(part, args=_mended_args(args))
        case _:
            return part


def _mended_args(args: str | dict[str, object] | None) -> str | dict[str, object] | None:
    if isinstance(args, dict):
        return json.loads(whole(json.dumps(args, ensure_ascii=False)))
    return None if args is None else whole(args)
