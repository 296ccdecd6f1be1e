"""A model that takes one step for each request: it calls a tool, or answers. Both arrive in pieces.

The simplest is `offline:echo`: it gives back the newest message of the user, as promptfoo's provider
does, and so tests an evaluation itself: its templates, assertions and speed.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from pydantic_ai.messages import (
    ModelMessage,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel
from pydantic_ai.usage import RequestUsage

from use_cases.kernel.citations.sources import PassageEntry, Retrieved
from use_cases.kernel.model import DocumentRef

Step: TypeAlias = str | DeltaToolCall
"""An answer's text, or the call of a tool."""

_PIECE = 24


@dataclass(frozen=True, slots=True)
class Messages:
    """What was asked so far, what was answered, and what tools returned since the newest question.

    Each result stands with the arguments of its call.
    """

    asked: list[str]
    answers: list[str]
    results: list[tuple[Mapping[str, Any], ToolReturnPart]]

    @property
    def newest(self) -> str:
        """The newest question; empty before the first."""
        return self.asked[-1] if self.asked else ""

    def found(
        self, tool: str, document: DocumentRef | None = None
    ) -> Sequence[PassageEntry] | None:
        """Returns what a search found, or what its search in one document found of this version.

        None before that search.
        """
        within, version = (document.document_id, document.version_id) if document else (None, None)
        for arguments, part in self.results:
            if part.tool_name == tool and arguments.get("document") == within:
                entries = part.metadata.passages if isinstance(part.metadata, Retrieved) else ()
                return [e for e in entries if version in (None, e.passage.document.version_id)]
        return None


def read_messages(messages: Sequence[ModelMessage]) -> Messages:
    """Sorts the parts of a run's messages."""
    known, calls = Messages([], [], []), dict[str, Mapping[str, Any]]()
    for part in (part for message in messages for part in message.parts):
        if isinstance(part, TextPart):
            known.answers.append(part.content)
        elif isinstance(part, ToolCallPart):
            calls[part.tool_call_id] = part.args_as_dict()
        elif isinstance(part, ToolReturnPart):
            known.results.append((calls.get(part.tool_call_id, {}), part))
        elif isinstance(part, UserPromptPart) and isinstance(part.content, str):
            known.asked.append(part.content)
            known.results.clear()
    return known


def call(tool: str, arguments: Mapping[str, object]) -> DeltaToolCall:
    """Returns the call of a tool."""
    return DeltaToolCall(tool, json.dumps(arguments, ensure_ascii=False))


def stepping(
    name: str, next_step: Callable[[list[ModelMessage], AgentInfo], Awaitable[Step]]
) -> FunctionModel:
    """Returns the model of this name whose steps are those of the function."""

    async def respond(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        step = await next_step(messages, info)
        # Its tokens cost nothing, and to count them takes longer than to give a message back.
        usage = RequestUsage(unmeasured_requests=1)
        if isinstance(step, str):
            return ModelResponse([TextPart(step)], usage=usage, finish_reason="stop")
        return ModelResponse([ToolCallPart(step.name or "", step.json_args)], usage=usage)

    async def stream(
        messages: list[ModelMessage], info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        step = await next_step(messages, info)
        text = step if isinstance(step, str) else step.json_args or ""
        for start in range(0, max(len(text), 1), _PIECE):
            piece = text[start : start + _PIECE]
            if isinstance(step, str):
                yield piece
            else:
                yield {0: DeltaToolCall(None if start else step.name, piece)}

    return FunctionModel(respond, stream_function=stream, model_name=name)


def echo_model() -> FunctionModel:
    """Returns the model behind the name `offline:echo`."""

    async def echo(messages: Sequence[ModelMessage], _info: AgentInfo) -> Step:
        return read_messages(messages).newest

    return stepping("echo", echo)
