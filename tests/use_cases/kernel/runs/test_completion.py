"""Calls of a model without a stream, over models that do what a test says."""

import asyncio
from collections.abc import Callable
from decimal import Decimal

import pytest
from pydantic import BaseModel
from pydantic_ai import Agent, ModelResponse
from pydantic_ai import exceptions as upstream
from pydantic_ai.messages import ModelMessage, ModelRequest, TextPart, ToolCallPart
from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.usage import RequestUsage, RunUsage

from services.system import SystemClock
from tests.fakes.clock import FixedClock
from use_cases.kernel.errors import (
    ContentFiltered,
    DefaultModelUnusable,
    ModelMisbehaved,
    ModelUnknown,
    RateLimited,
    UpstreamTimeout,
)
from use_cases.kernel.ports import ResolvedModel
from use_cases.kernel.prompts.content import PromptMessage, Role
from use_cases.kernel.runs.completion import Completion, complete, run_agent

pytestmark = pytest.mark.anyio

QUESTION = (PromptMessage(Role.USER, "What is the capital of France?"),)


def model(respond: Callable[[list[ModelMessage], AgentInfo], object]) -> FunctionModel:
    async def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        answer = respond(messages, info)
        assert isinstance(answer, ModelResponse)
        return answer

    return FunctionModel(answer, model_name="gpt-4o-mini")


def resolved(
    respond: Callable[[list[ModelMessage], AgentInfo], object], *, metered: bool = True
) -> ResolvedModel:
    return ResolvedModel("openai:gpt-4o-mini", model(respond), metered=metered)


def answering(response: ModelResponse) -> ResolvedModel:
    return resolved(lambda _messages, _info: response)


def raising(error: Exception) -> ResolvedModel:
    def fail(_messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
        raise error

    return resolved(fail)


async def completed(by: ResolvedModel) -> Completion:
    return await complete(QUESTION, {}, by, clock=FixedClock())


LIMITED = upstream.ModelHTTPError.for_category(
    upstream.ModelRateLimitError, status_code=429, model_name="m", body={"error": "sk-secret"}
)
UNKNOWN = upstream.ModelHTTPError.for_category(
    upstream.ModelNotFoundError, status_code=404, model_name="m"
)


class TestComplete:
    async def test_messages_and_settings_reach_the_model_in_their_roles(self) -> None:
        seen: list[tuple[list[ModelMessage], AgentInfo]] = []

        def respond(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
            seen.append((messages, info))
            return ModelResponse(parts=[TextPart("Lyon")])

        messages = [
            PromptMessage(Role.SYSTEM, "Be brief."),
            PromptMessage(Role.USER, "Capital of Italy?"),
            PromptMessage(Role.ASSISTANT, "Rome"),
            PromptMessage(Role.USER, "Of France?"),
        ]
        settings = {"temperature": 0.5, "max_tokens": 7}
        await complete(messages, settings, resolved(respond), clock=FixedClock())
        [(sent, info)] = seen
        assert [type(message) for message in sent] == [ModelRequest, ModelResponse, ModelRequest]
        assert [[part.part_kind for part in message.parts] for message in sent] == [
            ["system-prompt", "user-prompt"],
            ["text"],
            ["user-prompt"],
        ]
        assert info.model_settings == {"temperature": 0.5, "max_tokens": 7}

    async def test_it_returns_the_text_and_every_figure_that_the_provider_states(self) -> None:
        clock = FixedClock()

        def respond(_messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
            clock.move(1.25)
            return ModelResponse(
                parts=[TextPart("Par"), TextPart("is")],
                usage=RequestUsage(input_tokens=1000, output_tokens=100),
                model_name="gpt-4o-mini",
                provider_name="openai",
                provider_details={"logprobs": [{"token": "Par", "logprob": -0.5}]},
                finish_reason="length",
            )

        assert await complete(QUESTION, {}, resolved(respond), clock=clock) == Completion(
            text="Paris",
            model="openai:gpt-4o-mini",
            latency_ms=1250,
            finish_reason="length",
            logprobs=[-0.5],
            input_tokens=1000,
            output_tokens=100,
            cost=Decimal("0.00021"),  # $0.15 and $0.60 per million tokens
        )

    async def test_logprobs_may_be_stated_with_the_parts(self) -> None:
        stated = {"logprobs": [{"logprob": -1.0}, {"logprob": -2.0}]}
        parts = [TextPart("a", provider_details=stated), TextPart("b")]
        assert (await completed(answering(ModelResponse(parts=parts)))).logprobs == [-1.0, -2.0]

    async def test_an_offline_model_costs_nothing_and_its_tokens_are_unknown(self) -> None:
        by = resolved(lambda _m, _i: ModelResponse(parts=[TextPart("x")]), metered=False)
        found = await completed(by)
        assert (found.cost, found.input_tokens, found.output_tokens) == (0, None, None)

    async def test_the_price_of_an_unknown_model_is_unknown(self) -> None:
        async def respond(_messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
            return ModelResponse(parts=[TextPart("x")], usage=RequestUsage(input_tokens=5))

        by = ResolvedModel("ollama:mine", FunctionModel(respond, model_name="mine"))
        found = await completed(by)
        assert (found.cost, found.input_tokens) == (None, 5)

    async def test_a_refusal_that_is_stated_apart_is_the_text(self) -> None:
        response = ModelResponse(
            parts=[], provider_details={"refusal": "I can't."}, finish_reason="content_filter"
        )
        found = await completed(answering(response))
        assert (found.text, found.finish_reason) == ("I can't.", "content_filter")

    async def test_halves_of_characters_become_whole(self) -> None:
        response = ModelResponse(parts=[TextPart("\ud83d"), TextPart("\ude00 \ud83d")])
        assert (await completed(answering(response))).text == "\N{GRINNING FACE} \ufffd"

    async def test_the_model_of_a_chain_that_answered_is_named(self) -> None:
        failing = raising(LIMITED)
        second = answering(ModelResponse(parts=[TextPart("x")]))
        chain = ResolvedModel(
            "a,b",
            FallbackModel(failing.model, second.model),
            candidates=(ResolvedModel("a", failing.model), ResolvedModel("b", second.model)),
        )
        assert (await completed(chain)).model == "b"

    async def test_errors_are_ours_and_hold_nothing_of_the_provider(self) -> None:
        with pytest.raises(RateLimited) as raised:
            await completed(raising(LIMITED))
        assert "sk-secret" not in repr(raised.value)
        assert raised.value.__cause__ is None
        with pytest.raises(ContentFiltered):
            await completed(raising(upstream.ContentFilterError("no")))
        unknown = raising(UNKNOWN)
        with pytest.raises(ModelUnknown):
            await completed(unknown)
        with pytest.raises(DefaultModelUnusable):
            await complete(QUESTION, {}, unknown, clock=FixedClock(), named=False)

    async def test_a_model_that_is_silent_is_left_in_time(self) -> None:
        left = asyncio.Event()

        async def silent(_messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
            try:
                await asyncio.Event().wait()
            finally:
                left.set()
            raise AssertionError

        by = ResolvedModel("openai:x", FunctionModel(silent, model_name="x"))
        with pytest.raises(UpstreamTimeout):
            await complete(QUESTION, {}, by, clock=SystemClock(), seconds=0.01)
        assert left.is_set()


class Size(BaseModel):
    """A size."""

    size: int


AGENT: Agent[None, Size] = Agent(output_type=Size, deps_type=type(None), retries={"output": 1})


def size(value: object, *, tokens: int = 10) -> ModelResponse:
    return ModelResponse(
        parts=[ToolCallPart("final_result", {"size": value})],
        usage=RequestUsage(input_tokens=tokens, output_tokens=1),
    )


class TestRunAgent:
    async def test_the_output_comes_back_and_the_usage_adds_up(self) -> None:
        usage = RunUsage()
        for _ in range(2):
            found = await run_agent(AGENT, "How big?", answering(size(3)), usage=usage)
            assert found == Size(size=3)
        assert (usage.input_tokens, usage.output_tokens) == (20, 2)
        assert usage.cost is not None

    async def test_a_useless_answer_is_asked_for_again_then_an_error_and_always_paid(self) -> None:
        usage = RunUsage()
        with pytest.raises(ModelMisbehaved):
            await run_agent(AGENT, "How big?", answering(size("huge")), usage=usage)
        assert usage.input_tokens == 20

    async def test_errors_are_ours(self) -> None:
        limited = raising(LIMITED)
        with pytest.raises(RateLimited):
            await run_agent(AGENT, "How big?", limited, usage=RunUsage())
        filtered = answering(ModelResponse(parts=[], finish_reason="content_filter"))
        with pytest.raises(ContentFiltered):
            await run_agent(AGENT, "How big?", filtered, usage=RunUsage())

    async def test_an_agent_that_does_not_end_is_left_in_time(self) -> None:
        async def silent(_messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
            await asyncio.Event().wait()
            raise AssertionError

        by = ResolvedModel("openai:x", FunctionModel(silent, model_name="x"))
        with pytest.raises(UpstreamTimeout):
            await run_agent(AGENT, "How big?", by, usage=RunUsage(), seconds=0.01)
