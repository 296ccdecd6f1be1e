"""The model that gives back what it is given."""

import pytest
from pydantic_ai import Agent
from pydantic_ai.messages import (
    ImageUrl,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    SystemPromptPart,
    TextPart,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters

from services.models.offline.steps import echo_model

pytestmark = pytest.mark.anyio


async def echo(*messages: ModelMessage) -> str:
    response = await echo_model().request(list(messages), None, ModelRequestParameters())
    return "".join(part.content for part in response.parts if isinstance(part, TextPart))


async def test_the_newest_message_of_the_user_comes_back_as_it_is() -> None:
    asked = "  {{7*7}} \n\N{GRINNING FACE}"
    first = ModelRequest(parts=[SystemPromptPart("Be brief."), UserPromptPart("first")])
    said = ModelResponse(parts=[TextPart("said")])
    last = ModelRequest(parts=[UserPromptPart(asked), SystemPromptPart("Really.")])
    assert await echo(first, said, last) == asked
    assert await echo(first, said) == "first"


async def test_without_a_text_of_the_user_nothing_comes_back() -> None:
    image = UserPromptPart([ImageUrl("https://example.com/a.png")])
    assert await echo(ModelRequest(parts=[SystemPromptPart("Be brief.")])) == ""
    assert await echo(ModelRequest(parts=[image])) == ""


async def test_an_agent_gets_it_whole_and_as_a_stream() -> None:
    agent = Agent(echo_model())
    assert (await agent.run("Hello")).output == "Hello"
    async with agent.run_stream("Hello") as stream:
        assert await stream.get_output() == "Hello"
