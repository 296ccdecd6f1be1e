"""Advice through real SDKs: whether the provider is asked to search the web, and what it looked at."""

import json
from dataclasses import dataclass

import pytest
from pydantic_ai import FunctionToolCallEvent, FunctionToolResultEvent

from services.models.model_registry import ModelRegistry
from services.models.provider_access import RequestPolicy
from tests.patience import PATIENCE
from tests.use_cases.advice.advising import ADVICE, Ground, Script, given, recorded
from tests.use_cases.advice.web.test_search_tool import FixedWeb
from tests.wire.asking import reached
from tests.wire.openai_dialects import responses_whole
from tests.wire.script import Raw, Use, says
from tests.wire.spelling import sse
from tests.wire.stub_provider import StubProvider
from use_cases.advice.giving.events import AdviceEvent
from use_cases.advice.model import Freshness
from use_cases.advice.ports import WebSearch
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.ports import ResolvedModel

pytestmark = pytest.mark.anyio

NATIVE = {
    "openai-responses:gpt-4.1-mini": "web_search",
    "azure-responses:gpt-4.1": "web_search",
    "anthropic:claude-haiku-4-5": "web_search_20250305",
    "google:gemini-3.5-flash-lite": "googleSearch",
    "openrouter:openai/gpt-4.1-mini": "openrouter:web_search",
}
"""Models whose providers search by themselves beside our tools, and how they call it."""

OTHERS = (
    "openai-chat:gpt-4.1-mini",
    "azure:gpt-4o-mini",
    "google:gemini-2.5-flash",
    "xai:grok-4.3",
    "cohere:command-a-03-2025",
    "ollama:llama3",
    "vllm:llama3",
)
SEARCH, PLAIN = "/search Allen or Mahomes?", "Allen or Mahomes?"

GIVE = Use("give_advice", json.dumps(ADVICE))


@dataclass
class Named:
    """Port `Models`: one name, over the stub."""

    registry: ModelRegistry
    name: str

    def resolve(self, name: str | None = None, *, trusted: bool = False) -> ResolvedModel:
        """That one."""
        return self.registry.resolve(self.name)


async def advised(
    stub: StubProvider, name: str, question: str, web: WebSearch | None = None
) -> list[AdviceEvent]:
    registry = ModelRegistry(
        default=name,
        access=reached(stub),
        offline={},
        policy=RequestPolicy(timeout=PATIENCE, retries=0),
    )
    try:
        return await Ground(Script([]), models=Named(registry, name), web=web).advise(question)
    finally:
        await registry.close()


def tools(stub: StubProvider) -> str:
    return json.dumps(stub.requests[0].body.get("tools"))


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", NATIVE)
async def test_a_provider_is_asked_to_search_when_that_is_called_for(
    stub: StubProvider, name: str
) -> None:
    stub.answers(says(GIVE))
    response = recorded(await advised(stub, name, SEARCH, FixedWeb()))
    assert f'"{NATIVE[name]}"' in tools(stub)
    assert "search_web" not in tools(stub)
    assert response.advice.outcome is Outcome.ANSWERED
    assert response.freshness is Freshness.UNVERIFIED  # it could have searched, and did not


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", NATIVE)
async def test_it_is_not_asked_when_nothing_calls_for_it(stub: StubProvider, name: str) -> None:
    stub.answers(says(GIVE))
    events = await advised(stub, name, PLAIN, FixedWeb())
    assert f'"{NATIVE[name]}"' not in tools(stub)
    assert "web_search" not in json.dumps(stub.requests[0].body)
    assert given(events)["confidence"] == 6200


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", OTHERS)
async def test_of_any_other_our_own_search_is_the_tool(stub: StubProvider, name: str) -> None:
    stub.answers(says(GIVE))
    await advised(stub, name, SEARCH, FixedWeb())
    assert '"search_web"' in tools(stub)
    assert '"web_search"' not in tools(stub)
    assert "googleSearch" not in tools(stub)


@pytest.mark.parametrize(
    ("name", "limit"),
    [("anthropic:claude-haiku-4-5", '"max_uses": 3'), ("openai-responses:gpt-4.1-mini", "")],
)
async def test_the_budget_is_told_to_whom_it_can_be_told(
    stub: StubProvider, name: str, limit: str
) -> None:
    stub.answers(says(GIVE))
    await advised(stub, name, SEARCH)
    assert ("max_uses" in tools(stub)) == bool(limit)
    assert limit in tools(stub)


async def test_what_openais_search_looked_at_is_shown_and_kept(stub: StubProvider) -> None:
    stub.answers(Raw(responses_that_searched(), content_type="text/event-stream"))
    events = await advised(stub, "openai-responses:gpt-4.1-mini", SEARCH)
    assert stub.requests[0].body["include"] == ["web_search_call.action.sources"]
    response = recorded(events)
    assert given(events)["main_advice"] == "Start Allen."
    assert response.freshness is Freshness.VERIFIED
    assert response.web_search_used
    assert [(call.name, call.failed) for call in response.tool_calls] == [("search_web", False)]
    assert "allen injury" in response.tool_calls[0].arguments
    assert response.tool_calls[0].result == "https://news.example/allen"
    assert (
        "The model's provider searched the web and looked at: https://news.example/allen."
        in response.notices
    )
    shown = [type(event) for event in events if type(event).__module__.startswith("pydantic_ai")]
    assert shown == [FunctionToolCallEvent, FunctionToolResultEvent]


def responses_that_searched() -> bytes:
    """OpenAI's stream of a web search and then our output tool."""
    advice = {**ADVICE, "main_advice": "Start Allen."}
    whole = responses_whole(says(Use("give_advice", json.dumps(advice))), "gpt-4.1-mini")
    begun: dict[str, object] = {**whole, "status": "in_progress", "output": [], "usage": None}
    found = {"type": "url", "url": "https://news.example/allen"}
    search: dict[str, object] = {"type": "web_search_call", "id": "ws_1", "status": "in_progress"}
    action = {"type": "search", "query": "allen injury", "sources": [found]}
    done = {**search, "status": "completed", "action": action}
    call = {
        "type": "function_call",
        "id": "fc_1",
        "call_id": "call_1",
        "name": "give_advice",
        "arguments": "",
        "status": "in_progress",
    }
    ended = {**call, "arguments": json.dumps(advice), "status": "completed"}
    place: dict[str, object] = {"item_id": "fc_1", "output_index": 1}
    events: list[tuple[str, dict[str, object]]] = [
        ("response.created", {"response": begun}),
        ("response.output_item.added", {"output_index": 0, "item": search}),
        ("response.web_search_call.searching", {"output_index": 0, "item_id": "ws_1"}),
        ("response.output_item.done", {"output_index": 0, "item": done}),
        ("response.output_item.added", {"output_index": 1, "item": call}),
        ("response.function_call_arguments.delta", {"delta": json.dumps(advice), **place}),
        ("response.output_item.done", {"output_index": 1, "item": ended}),
        ("response.completed", {"response": {**whole, "output": [done, ended]}}),
    ]
    return b"".join(
        sse({"type": kind, "sequence_number": n, **fields}, kind)
        for n, (kind, fields) in enumerate(events)
    )
