"""A model that takes one step for each request: it calls a tool, or answers. Both arrive in pieces."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeAlias

from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel

Step: TypeAlias = str | DeltaToolCall
"""An answer's text, or the call of a tool."""

_PIECE = 24


def stepping(
    name: str, next_step: Callable[[list[ModelMessage], AgentInfo], Awaitable[Step]]
) -> FunctionModel:
    """Returns the model of this name whose steps are those of the function."""

    async def respond(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        step = await next_step(messages, info)
        if isinstance(step, str):
            return ModelResponse(parts=[TextPart(step)])
        return ModelResponse(parts=[ToolCallPart(step.name or "", step.json_args)])

    async def stream(
        messages: list[ModelMessage], info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        step = await next_step(messages, info)
        text = step if isinstance(step, str) else step.json_args or ""
        for start in range(0, len(text), _PIECE):
            piece = text[start : start + _PIECE]
            if isinstance(step, str):
                yield piece
            else:
                yield {0: DeltaToolCall(None if start else step.name, piece)}

    return FunctionModel(respond, stream_function=stream, model_name=name)
