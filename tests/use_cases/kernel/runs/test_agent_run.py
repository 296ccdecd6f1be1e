"""A run driven ahead of its reader: a real agent over a scripted model."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from pydantic import BaseModel
from pydantic_ai import (
    Agent,
    AgentRunResult,
    AgentStreamEvent,
    PartDeltaEvent,
    PartEndEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ToolOutput,
)
from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPartDelta
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel

from tests.patience import PATIENCE
from use_cases.kernel.runs.agent_run import AHEAD, Handler, Run

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def running(script: Callable[[], AsyncIterator[str]]) -> AsyncGenerator[Run[object, str]]:
    async def stream(_messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
        async for piece in script():
            yield piece

    agent = Agent(FunctionModel(stream_function=stream), deps_type=object)

    async def begin(handler: Handler[object]) -> AgentRunResult[str]:
        return await agent.run("?", deps=None, event_stream_handler=handler)

    run = Run(begin)
    try:
        yield run
    finally:
        await run.aclose()


def text(event: AgentStreamEvent) -> str:
    match event:
        case PartStartEvent(part=TextPart(content=piece)):
            return piece
        case PartDeltaEvent(delta=TextPartDelta(content_delta=piece)):
            return piece
        case _:
            return ""


async def test_events_come_in_order_and_nothing_is_lost() -> None:
    async def script() -> AsyncIterator[str]:
        for place in range(200):
            yield f"{place} "

    async with running(script) as run:
        events = [event async for event in run]
    assert "".join(map(text, events)) == "".join(f"{place} " for place in range(200))
    assert isinstance(events[0], PartStartEvent)
    assert isinstance(events[-1], PartEndEvent)
    assert isinstance(run.new_messages()[-1], ModelResponse)
    assert run.usage.requests == 1


async def test_pieces_that_nobody_has_taken_are_one_and_the_run_waits_for_its_reader() -> None:
    made: list[int] = []
    full = asyncio.Event()

    async def script() -> AsyncIterator[str]:
        for place in range(10 * AHEAD):
            made.append(place)
            if len(made) == AHEAD:
                full.set()
            yield "x"

    async with running(script) as run:
        first = await anext(run)
        await full.wait()
        for _ in range(1000):  # as many turns of the loop as a run that does not wait would need
            await asyncio.sleep(0)
        assert len(made) <= AHEAD + 3
        pieces = [text(first), *[text(event) async for event in run]]
    assert "".join(pieces) == "x" * 10 * AHEAD
    assert max(map(len, pieces)) >= AHEAD - 2


async def test_a_piece_does_not_wait_for_the_next_one() -> None:
    go_on, silence = asyncio.Event(), asyncio.Event()

    async def script() -> AsyncIterator[str]:
        yield "first"
        await go_on.wait()
        yield "second"
        await silence.wait()

    async with running(script) as run:
        assert text(await anext(run)) == "first"
        assert text(await anext(run)) == ""  # that an answer has begun
        following = asyncio.ensure_future(anext(run))
        await asyncio.sleep(0)  # it waits, and nothing is there
        go_on.set()
        async with asyncio.timeout(PATIENCE):
            assert text(await following) == "second"


async def test_what_was_said_before_an_error_is_read_before_it() -> None:
    async def script() -> AsyncIterator[str]:
        yield "half"
        raise ZeroDivisionError

    async with running(script) as run:
        assert text(await anext(run)) == "half"
        with pytest.raises(ZeroDivisionError):
            assert [text(event) async for event in run] == []


async def test_closing_early_ends_the_model_and_keeps_what_was_said() -> None:
    ended = asyncio.Event()

    async def script() -> AsyncIterator[str]:
        try:
            yield "half an answer"
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with running(script) as run:
        assert run.new_messages() == ()
        await anext(run)
    assert ended.is_set()
    assert run.new_messages()[-1].parts[0] == TextPart("half an answer")


async def test_pieces_of_a_tool_call_come_together_and_the_output_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "use_cases.kernel.runs.agent_run.TOGETHER", 60.0
    )  # however slow this machine is

    async def stream(
        _messages: list[ModelMessage], _info: AgentInfo
    ) -> AsyncIterator[DeltaToolCalls]:
        yield {0: DeltaToolCall("give", '{"value": ', tool_call_id="a")}
        for piece in ('"', *"x" * 10, '"}'):
            yield {0: DeltaToolCall(None, piece, tool_call_id="a")}

    agent = Agent(
        FunctionModel(stream_function=stream),
        deps_type=object,
        output_type=ToolOutput(Given, name="give"),
    )

    async def begin(handler: Handler[object]) -> AgentRunResult[Given]:
        return await agent.run("?", deps=None, event_stream_handler=handler)

    run = Run(begin)
    assert run.output is None
    events = [event async for event in run]
    pieces = [
        event.delta.args_delta
        for event in events
        if isinstance(event, PartDeltaEvent) and isinstance(event.delta, ToolCallPartDelta)
    ]
    assert isinstance(events[0], PartStartEvent)
    assert pieces == ['"xxxxxxxxxx"}']
    assert run.output == Given(value="xxxxxxxxxx")
    await run.aclose()


class Given(BaseModel):
    """What a scripted model gives."""

    value: str
