"""A run of an agent, driven in a task of its own, a little ahead of the reader of its events.

Promises: events come in their order and none is lost; the first piece of a text (or of a tool
call's arguments) comes at once, and pieces that follow within `TOGETHER` seconds come as one, on a busy
server within more (`ROUNDS`); a slow reader stops the run after at most `AHEAD` events. What was said, and what it took, can be asked at any time, also after the run ended
early. The response that a run continues with has whole characters: each piece of a stream is decoded by
itself, so a character beyond the first 65,536 (😀) may arrive as two halves of a surrogate pair, which
pydantic-ai does not join. Leaves to others: what an error means (`use_cases/kernel/runs/model_calls.py`), and to call `aclose`.

pydantic-ai's own iterator over these events hands each one over singly and waits until it is
taken, which costs a fifth of the time of a whole run.
"""

import asyncio
import json
import math
from collections import deque
from collections.abc import AsyncIterable, Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeAlias, TypeVar, cast

import pydantic_ai
from pydantic_ai import (
    AgentRunResult,
    AgentStreamEvent,
    ModelResponse,
    PartDeltaEvent,
    PartStartEvent,
    RunCancelled,
    RunContext,
    TextPart,
    TextPartDelta,
)
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.messages import (
    ModelMessage,
    ModelResponsePart,
    NativeToolCallPart,
    ThinkingPart,
    ToolCallPart,
    ToolCallPartDelta,
)
from pydantic_ai.models import ModelRequestContext
from pydantic_ai.usage import RunUsage

from use_cases.kernel.text.plain_text import whole

pydantic_ai.BANNER_ENABLED = False
"""On a terminal the first run of an agent would print a page about observability."""

Deps = TypeVar("Deps")
Output = TypeVar("Output")

AHEAD = 32
"""So many events a run may be ahead of its reader."""

TOGETHER = 0.01
"""Less than a screen takes to show a frame; slower models than 100 pieces a second never wait."""

ROUNDS, LONGEST = 8, 1.0
"""On a busy server pieces wait for so many rounds of the event loop, at most so many seconds: each
round serves every stream once, and fewer writes a stream shorten the rounds of all."""

Handler: TypeAlias = Callable[[RunContext[Deps], AsyncIterable[AgentStreamEvent]], Awaitable[None]]
Begin: TypeAlias = Callable[[Handler[Deps]], Coroutine[None, None, AgentRunResult[Output]]]
"""Runs an agent that gives its events to a handler."""


class Run(Generic[Deps, Output]):
    """An async iterator over the events of one run, which begins when the first one is asked for."""

    def __init__(self, begin: Begin[Deps, Output]) -> None:
        self._begin = begin
        self._loop = asyncio.get_running_loop()
        self._due = 0.0
        self._together = TOGETHER
        self._woken = 0.0
        self._task: asyncio.Task[None] | None = None
        self._ready: deque[AgentStreamEvent] = deque()
        self._ahead = 0
        self._reader: asyncio.Future[None] | None = None
        self._driver: asyncio.Future[None] | None = None
        self._context: RunContext[Deps] | None = None
        self._ended: AgentRunResult[Output] | RunCancelled | None = None

    def __aiter__(self) -> "Run[Deps, Output]":
        return self

    async def __anext__(self) -> AgentStreamEvent:
        if self._task is None:
            self._task = self._loop.create_task(self._drive())
            self._task.add_done_callback(lambda _: _wake(self._reader))
        while not self._ready or self._early():
            if self._task.done() and not self._ready:
                self._task.result()  # raises what the run raised
                raise StopAsyncIteration
            await self._news()
        event = self._ready.popleft()
        if not self._ready:
            self._ahead = 0
            _wake(self._driver)
        if _says_something(event):
            self._due = self._loop.time() + self._together
        return event

    async def aclose(self) -> None:
        """Ends the run, if it has not ended, and waits until it has."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.wait([self._task])
        if not self._task.cancelled():
            self._task.exception()  # a reader who closes early does not ask for it

    def new_messages(self) -> Sequence[ModelMessage]:
        """Returns the messages of this run so far, its prompt included; none before it began."""
        if self._ended is not None:
            return self._ended.new_messages()
        if self._context is None:
            return ()
        own = self._context.run_id
        return [message for message in self._context.messages if message.run_id == own]

    @property
    def output(self) -> Output | None:
        """The output of the agent; None until there is one."""
        return self._ended.output if isinstance(self._ended, AgentRunResult) else None

    @property
    def usage(self) -> RunUsage:
        """The usage so far."""
        if self._ended is not None:
            return self._ended.usage
        return RunUsage() if self._context is None else self._context.usage

    async def _drive(self) -> None:
        try:
            self._ended = await self._begin(self._take)
        except BaseException as error:
            self._ended = RunCancelled.from_cancellation(error)
            raise

    async def _take(
        self, context: RunContext[Deps], events: AsyncIterable[AgentStreamEvent]
    ) -> None:
        self._context = context
        async for event in events:
            joined = _joined(self._ready[-1], event) if self._ready else None
            if joined is None:
                self._ready.append(event)
            else:
                self._ready[-1] = joined
            self._ahead += 1
            # Also for the first piece that may wait: the reader sets the time when it is due.
            if joined is None or not self._early():
                self._woken = min(self._woken, self._loop.time())
                _wake(self._reader)
            while self._ahead >= AHEAD:
                self._driver = self._loop.create_future()
                await self._driver

    def _early(self) -> bool:
        """Returns True while the next event may still grow: a piece of text, right after another one."""
        return (
            len(self._ready) == 1
            and self._ahead < AHEAD
            and isinstance(event := self._ready[0], PartDeltaEvent)
            and isinstance(event.delta, (TextPartDelta, ToolCallPartDelta))
            and self._loop.time() < self._due
            and not (self._task is not None and self._task.done())
        )

    async def _news(self) -> None:
        """Waits until there is something to give, or what there is is due."""
        self._reader = self._loop.create_future()
        due = self._loop.call_at(self._due, _wake, self._reader) if self._ready else None
        self._woken = self._due if due is not None else math.inf
        try:
            await self._reader
        finally:
            if due is not None:
                due.cancel()
        late = self._loop.time() - self._woken
        self._together = min(max(TOGETHER, ROUNDS * late), LONGEST)


def _joined(last: AgentStreamEvent, event: AgentStreamEvent) -> AgentStreamEvent | None:
    """Returns two pieces of one text, or of one tool call, as one; None when they are anything else."""
    if not (isinstance(event, PartDeltaEvent) and isinstance(last, PartDeltaEvent)):
        return None
    if last.index != event.index:
        return None
    match last.delta, event.delta:
        case TextPartDelta(before), TextPartDelta(after):
            return PartDeltaEvent(index=event.index, delta=TextPartDelta(before + after))
        case (
            ToolCallPartDelta(args_delta=str(before)),
            ToolCallPartDelta(args_delta=str(after), tool_name_delta=None) as delta,
        ):
            return replace(last, delta=replace(delta, args_delta=before + after))
        case _:
            return None


def _says_something(event: AgentStreamEvent) -> bool:
    match event:
        case PartStartEvent(part=TextPart(content=text)):
            return bool(text)
        case PartStartEvent(part=ToolCallPart(args=arguments)):
            return bool(arguments)
        case PartDeltaEvent(delta=TextPartDelta() | ToolCallPartDelta()):
            return True
        case _:
            return False


def _wake(waiting: asyncio.Future[None] | None) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)


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
        """Returns the response with whole characters."""
        return repair_response(response)


def repair_response(response: ModelResponse) -> ModelResponse:
    """Returns the response with whole characters in its texts and its calls' arguments."""
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
