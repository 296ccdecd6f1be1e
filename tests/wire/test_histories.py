"""A conversation begun with one provider and continued with another, at the wire.

History is kept as JSON between the turns. What each provider is then sent holds every tool call with
its result, nothing that another provider signed or numbered, and no loose end of an interrupted turn.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import pytest
from pydantic_ai import Agent, ModelMessage, ModelMessagesTypeAdapter
from pydantic_ai.messages import (
    ModelRequest,
    ModelResponse,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import Model

from services.models.model_registry import ModelRegistry
from tests.wire.asking import MODELS, reached
from tests.wire.script import grounded
from tests.wire.stub_provider import StubProvider

pytestmark = pytest.mark.anyio

Json = Mapping[str, object]
FAMILIES = ("openai", "anthropic", "openai-chat", "google", "azure-responses", "cohere", "xai")
MARKS = {
    "openai": ("rs_openai", "enc-openai", "fc_openai", "msg_openai"),
    "azure": ("rs_azure", "enc-azure", "fc_azure", "msg_azure"),
    "anthropic": ("sig-anthropic",),
    "google": ("c2lnLWdvb2dsZQ==",),
}
"""What each provider numbers or signs, and no other may be sent."""


def turn(provider: str, number: int, model: str) -> Sequence[ModelMessage]:
    """A turn with thinking, a tool call and an answer, as this provider leaves it in the history."""
    call = f"call_{provider}_{number}"
    signed = provider in ("anthropic", "google")
    thought = ThinkingPart(
        content=f"I think, says {provider}.",
        id=None if signed else f"rs_{provider}",
        signature=MARKS[provider][0] if signed else f"enc-{provider}",
        provider_name=provider,
    )
    name = "search_knowledge_base"
    item = None if signed else f"fc_{provider}"
    use = ToolCallPart(name, '{"query": "x"}', call, id=item, provider_name=provider)
    text = None if signed else f"msg_{provider}"
    said = TextPart(f"Answer {number} [1].", id=text, provider_name=provider)
    return (
        ModelRequest([UserPromptPart(f"Question {number}?")]),
        ModelResponse([thought, use], model_name=model, provider_name=provider),
        ModelRequest([ToolReturnPart(name, f"found {number}", call)]),
        ModelResponse(
            [said],
            model_name=model,
            provider_name=provider,
            provider_response_id=f"resp_{provider}",
        ),
    )


def loose_end(number: int) -> Sequence[ModelMessage]:
    """A turn that was stopped while its tools were called."""
    call = ToolCallPart("search_knowledge_base", '{"query": ', f"call_loose_{number}")
    return (
        ModelRequest([UserPromptPart(f"Interrupted question {number}?")]),
        ModelResponse(
            [TextPart("Let me loo"), call],
            model_name="gpt-4.1",
            provider_name="openai",
            state="interrupted",
        ),
    )


def kept(messages: Sequence[ModelMessage]) -> list[ModelMessage]:
    """The messages as they come back from the store."""
    return ModelMessagesTypeAdapter.validate_json(
        ModelMessagesTypeAdapter.dump_json(list(messages))
    )


def search_knowledge_base(query: str) -> str:
    return f"[1] about {query}"


async def answered(
    stub: StubProvider, family: str, history: Sequence[ModelMessage]
) -> list[ModelMessage]:
    """One more turn with this family; all messages, as the store would give them back."""
    stub.answers(grounded("Every 90 days [1]."))
    models = ModelRegistry(
        default="offline", access=reached(stub), offline={"offline:extractive": _none}
    )
    agent = Agent(tools=[search_knowledge_base])
    try:
        async with agent.run_stream_events(
            "And now?", model=models.resolve(MODELS[family]).model, message_history=kept(history)
        ) as events:
            _ = [event async for event in events]
            return kept(events.all_messages())
    finally:
        await models.close()


def _none() -> Model:
    raise AssertionError("the offline answerer is not asked here")


def objects(value: object) -> Iterator[Json]:
    """Every object within a body."""
    if isinstance(value, dict):
        yield cast("Json", value)
        for member in cast("Json", value).values():
            yield from objects(member)
    elif isinstance(value, list):
        for member in cast("Sequence[object]", value):
            yield from objects(member)


def calls_and_results(body: object) -> tuple[list[object], list[object]]:
    """The ids of the tool calls and of the results in a body, in order, in whichever dialect."""
    calls: list[object] = []
    results: list[object] = []
    for each in objects(body):
        if each.get("type") in ("function", "tool_use") and "id" in each:
            calls.append(each["id"])
        elif each.get("type") == "function_call":
            calls.append(each["call_id"])
        elif each.get("type") == "function_call_output":
            results.append(each["call_id"])
        elif each.get("type") == "tool_result":
            results.append(each["tool_use_id"])
        elif each.get("role") == "tool":
            results.append(each["tool_call_id"])
        for name, found in (("functionCall", calls), ("functionResponse", results)):
            part = each.get(name)
            if isinstance(part, dict):
                found.append(cast("Json", part).get("id") or cast("Json", part)["name"])
    return calls, results


def own(family: str) -> str:
    return {"openai": "openai", "azure-responses": "azure", "openai-chat": "openai"}.get(
        family, family
    )


def foreign(family: str) -> Iterator[str]:
    return (mark for owner, marks in MARKS.items() if owner != own(family) for mark in marks)


HISTORY = (
    *turn("openai", 1, "gpt-4.1"),
    *turn("anthropic", 2, "claude-sonnet-5-5"),
    *turn("google", 3, "gemini-3.8-flash"),
    *turn("azure", 4, "gpt-4o-mini"),
)


@pytest.mark.parametrize("family", FAMILIES)
async def test_every_call_has_its_result_and_nothing_is_of_another_provider(
    stub: StubProvider, family: str
) -> None:
    await answered(stub, family, HISTORY)
    for request, count in zip(stub.requests, (4, 5), strict=True):
        calls, results = calls_and_results(request.body)
        assert calls == results
        assert len(calls) == count
        body = json.dumps(request.body)
        assert not [mark for mark in foreign(family) if mark in body]
        assert all(f"Question {number}?" in body for number in range(1, 5))
        assert all(f"Answer {number} [1]." in body for number in range(1, 5))


@pytest.mark.parametrize("family", FAMILIES)
async def test_an_interrupted_turn_leaves_no_loose_end(stub: StubProvider, family: str) -> None:
    await answered(stub, family, [*turn("openai", 1, "gpt-4.1"), *loose_end(2)])
    for request in stub.requests:
        calls, results = calls_and_results(request.body)
        assert calls == results
        assert "And now?" in json.dumps(request.body)
        for arguments in _arguments(request.body):
            json.loads(arguments)


def _arguments(body: object) -> Iterator[str]:
    return (
        cast("str", each["arguments"])
        for each in objects(body)
        if isinstance(each.get("arguments"), str)
    )


async def test_a_conversation_goes_round_all_providers(stub: StubProvider) -> None:
    history: list[ModelMessage] = []
    for number, family in enumerate((*FAMILIES, "openai"), start=1):
        history = await answered(stub, family, history)
        calls, results = calls_and_results(stub.requests[-1].body)
        assert (family, calls) == (family, results)
        assert len(calls) == number
