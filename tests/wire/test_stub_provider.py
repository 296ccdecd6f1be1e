"""The stub provider does what its script says, in words the real SDKs understand."""

import anyio
import httpx
import pytest
from openai import APIConnectionError, AsyncOpenAI, RateLimitError
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider

from tests.wire.script import BREAK, HOLD, Use, fails, grounded, says
from tests.wire.stub_provider import StubProvider

pytestmark = pytest.mark.anyio


def client(stub: StubProvider) -> AsyncOpenAI:
    return AsyncOpenAI(api_key="k", base_url=stub.url, max_retries=0)


def search_knowledge_base(query: str) -> str:
    return f"[1] about {query}"


@pytest.mark.parametrize("kind", [OpenAIChatModel, OpenAIResponsesModel])
async def test_an_agent_calls_a_tool_and_answers(
    stub: StubProvider, kind: type[OpenAIChatModel] | type[OpenAIResponsesModel]
) -> None:
    stub.answers(grounded("Every ", "90 days [1]."))
    async with client(stub) as openai:
        model = kind("scripted", provider=OpenAIProvider(openai_client=openai))
        agent = Agent(model, tools=[search_knowledge_base])
        assert (await agent.run("How often?")).output == "Every 90 days [1]."
        pieces: list[str] = []
        async with agent.run_stream("How often?") as streamed:
            pieces = [piece async for piece in streamed.stream_text(delta=True, debounce_by=None)]
        assert pieces == ["Every ", "90 days [1]."]
        assert streamed.usage.input_tokens == 22
    assert [request.number for request in stub.requests] == [0, 1, 2, 3]
    assert stub.requests[0].headers["authorization"] == "Bearer k"
    assert not stub.departures


async def test_each_request_takes_the_next_reply_and_the_last_is_repeated(
    stub: StubProvider,
) -> None:
    stub.answers(fails(429, retry_after="7"), says("one"), says("two"))
    async with client(stub) as openai:
        with pytest.raises(RateLimitError) as raised:
            await say(openai)
        assert raised.value.response.headers["retry-after"] == "7"
        assert [await say(openai) for _ in range(3)] == ["one", "two", "two"]


async def say(openai: AsyncOpenAI) -> str | None:
    answer = await openai.chat.completions.create(model="m", messages=[])
    return answer.choices[0].message.content


async def test_a_client_that_leaves_is_noted(stub: StubProvider) -> None:
    stub.answers(says("one", HOLD, "two"))
    async with httpx.AsyncClient() as http:
        body = {"model": "m", "stream": True}
        async with http.stream("POST", f"{stub.url}/chat/completions", json=body) as response:
            assert response.status_code == 200
            await stub.holding()
            assert not stub.departures
    left = await stub.departed()
    assert (left.request, left.chunks) == (0, 2)
    assert left.at >= stub.requests[0].at


async def test_a_released_reply_goes_on(stub: StubProvider) -> None:
    stub.answers(says(HOLD, "two"))
    async with client(stub) as openai, anyio.create_task_group() as group:
        group.start_soon(say, openai)
        await stub.holding()
        stub.release()
    assert not stub.departures


async def test_a_broken_connection_is_one(stub: StubProvider) -> None:
    stub.answers(says("one", BREAK))
    async with client(stub) as openai:
        stream = await openai.chat.completions.create(model="m", messages=[], stream=True)
        with pytest.raises(APIConnectionError):
            _ = [chunk async for chunk in stream]


def test_tool_results_are_told_in_every_dialect(stub: StubProvider) -> None:
    stub.answers(says(Use("f", "{}")))
    bodies: list[dict[str, object]] = [
        {"messages": [{"role": "user"}, {"role": "tool", "content": "x"}]},
        {"input": [{"type": "function_call_output", "output": "x"}]},
        {"messages": [{"role": "user", "content": [{"type": "tool_result"}]}]},
        {"contents": [{"role": "user", "parts": [{"functionResponse": {}}]}]},
        {"messages": [{"role": "tool"}, {"role": "user", "content": "more"}]},
    ]
    for body in bodies:
        httpx.post(f"{stub.url}/chat/completions", json=body)
    told = [request.follows_a_tool for request in stub.requests]
    assert told == [True, True, True, True, False]
