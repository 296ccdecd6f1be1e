"""Models by name, and what providers' failures look like, at the wire."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import cast

import httpx
import pydantic_ai.models
import pytest
import respx
from pydantic import SecretStr
from pydantic_ai.models import Model
from pydantic_ai.models.function import FunctionModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel

from services.models.registry import OFFLINE, ModelRegistry, OpenAISettings, full_name
from tests.fakes.search import FixedSearch, FixedTables, passage
from use_cases.chat.agent import build_agent
from use_cases.chat.ask import AskQuestion, TurnPolicy
from use_cases.chat.events import AnswerRecorded
from use_cases.chat.model import Answer, CitationPolicy, Outcome
from use_cases.kernel.errors import (
    CandorError,
    ModelKeyRejected,
    ModelNotConfigured,
    ModelUnknown,
    ModelUnreachable,
    RateLimited,
    UpstreamFailed,
    UpstreamTimeout,
)
from use_cases.kernel.model import Caller

pytestmark = pytest.mark.anyio

SECRET = "sk-planted-7f3a"
URL = "https://models.example/v1/chat/completions"
SETTINGS = OpenAISettings(
    api_key=SecretStr(SECRET), base_url="https://models.example/v1", max_retries=0, timeout=5
)


@pytest.fixture
def allowed() -> Iterator[None]:
    """The wire is imitated, so the real models may "call" it."""
    with pydantic_ai.models.override_allow_model_requests(True):
        yield


def offline() -> Model:
    return FunctionModel(lambda messages, info: (_ for _ in ()).throw(AssertionError))


def registry(settings: OpenAISettings = SETTINGS, *, offline_only: bool = False) -> ModelRegistry:
    return ModelRegistry(
        default=OFFLINE, openai=settings, offline=offline, offline_only=offline_only
    )


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("offline", OFFLINE),
        ("gpt-4.1-mini", "openai:gpt-4.1-mini"),
        ("o3", "openai:o3"),
        ("openai-chat:llama3", "openai-chat:llama3"),
    ],
)
def test_bare_names_find_their_provider(name: str, full: str) -> None:
    assert full_name(name) == full


def test_each_address_gets_its_api() -> None:
    official = OpenAISettings(api_key=SecretStr(SECRET))
    assert isinstance(registry(official).resolve("openai:gpt-4.1").model, OpenAIResponsesModel)
    assert isinstance(registry(official).resolve("openai-chat:gpt-4.1").model, OpenAIChatModel)
    assert isinstance(registry().resolve("openai:llama3").model, OpenAIChatModel)
    assert not registry().resolve().metered


@pytest.mark.parametrize(
    ("name", "error"),
    [("llama3", ModelUnknown), ("nowhere:x", ModelUnknown), ("openai:gpt-4.1", ModelNotConfigured)],
)
def test_what_cannot_be_resolved_says_why(name: str, error: type[CandorError]) -> None:
    with pytest.raises(error):
        registry(OpenAISettings()).resolve(name)


def test_offline_refuses_every_model_that_needs_a_network() -> None:
    with pytest.raises(ModelNotConfigured):
        registry(offline_only=True).resolve("openai:gpt-4.1")


class Kept:
    def __init__(self) -> None:
        self.answers_: list[Answer] = []

    async def record(self, answer: Answer) -> None:
        self.answers_.append(answer)

    async def answers(
        self, caller: Caller, *, limit: int = 50, before: str | None = None
    ) -> Sequence[Answer]:
        return self.answers_

    async def answer(self, caller: Caller, answer_id: str) -> Answer:
        return self.answers_[0]


async def ask() -> Answer:
    from services.system.clock import SystemClock
    from services.system.ids import TimeSortedIds

    models = registry()
    asking = AskQuestion(
        agent=build_agent(),
        search=FixedSearch([passage("Passwords must be rotated every 90 days.")]),
        data=FixedTables(),
        models=models,
        answers=Kept(),
        clock=SystemClock(),
        ids=TimeSortedIds(clock=SystemClock()),
        citations=CitationPolicy(),
        bounds=TurnPolicy(timeout=5),
    )
    answer: Answer | None = None
    try:
        async for event in asking.stream("How often?", caller=Caller(), model="openai:scripted"):
            if isinstance(event, AnswerRecorded):
                answer = event.answer
    finally:
        await models.close()
    assert answer is not None
    return answer


def sse(*chunks: dict[str, object]) -> bytes:
    lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
    return "".join([*lines, "data: [DONE]\n\n"]).encode()


def chunk(delta: dict[str, object], finish: str | None = None) -> dict[str, object]:
    return {
        "id": "c1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "scripted",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }


CALL = sse(
    chunk(
        {
            "role": "assistant",
            "tool_calls": [
                {
                    "index": 0,
                    "id": "t1",
                    "type": "function",
                    "function": {
                        "name": "search_knowledge_base",
                        "arguments": '{"query": "password rotation"}',
                    },
                }
            ],
        }
    ),
    chunk({}, "tool_calls"),
)
STREAM = {"content-type": "text/event-stream"}


@pytest.mark.usefixtures("allowed")
async def test_a_compatible_server_answers_with_verified_citations(
    httpx2_mock: respx.Router,
) -> None:
    answering = sse(
        chunk({"content": "Every 90 days"}), chunk({"content": " [1], not [4]."}), chunk({}, "stop")
    )
    route = httpx2_mock.post(URL).mock(
        side_effect=[
            httpx.Response(200, content=CALL, headers=STREAM),
            httpx.Response(200, content=answering, headers=STREAM),
        ]
    )
    answer = await ask()
    assert (answer.text, answer.outcome) == ("Every 90 days [1], not.", Outcome.ANSWERED)
    request = cast("httpx.Request", route.calls[1].request)
    sent = json.loads(request.content)
    assert sent["model"] == "scripted"
    assert "Passwords must be rotated" in sent["messages"][-1]["content"]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (httpx.Response(401, json={"error": {"message": f"bad key {SECRET}"}}), ModelKeyRejected),
        (httpx.Response(404, json={"error": {"message": "no such model"}}), ModelUnknown),
        (
            httpx.Response(429, json={"error": {"message": "slow"}}, headers={"retry-after": "7"}),
            RateLimited,
        ),
        (httpx.Response(500, json={"error": {"message": "oops"}}), UpstreamFailed),
        (httpx.Response(200, content=b"data: {nonsense\n\n", headers=STREAM), CandorError),
        (httpx.ReadTimeout("stalled"), UpstreamTimeout),
        (httpx.ConnectError("refused"), ModelUnreachable),
    ],
)
@pytest.mark.usefixtures("allowed")
async def test_a_provider_failure_is_our_error_and_tells_no_secret(
    httpx2_mock: respx.Router, reply: httpx.Response | Exception, error: type[CandorError]
) -> None:
    httpx2_mock.post(URL).mock(side_effect=[reply])
    with pytest.raises(error) as raised:
        await ask()
    said = f"{raised.value.detail} {raised.value.hint}"
    assert SECRET not in said
    assert "oops" not in said
    if isinstance(raised.value, RateLimited):
        assert raised.value.retry_after == 7.0


@pytest.mark.usefixtures("allowed")
async def test_a_filtered_prompt_at_a_gateway_is_a_polite_recorded_refusal(
    httpx2_mock: respx.Router,
) -> None:
    error = {"code": "content_filter", "message": f"jailbreak {SECRET}", "type": None}
    httpx2_mock.post(URL).mock(return_value=httpx.Response(400, json={"error": error}))
    answer = await ask()
    assert answer.outcome is Outcome.REFUSED
    assert SECRET not in answer.text


@pytest.mark.usefixtures("allowed")
async def test_a_half_written_stream_is_an_error_and_no_answer(httpx2_mock: respx.Router) -> None:
    class Broken(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield CALL[:40]
            raise httpx.ReadError("connection reset")

    httpx2_mock.post(URL).mock(return_value=httpx.Response(200, stream=Broken(), headers=STREAM))
    with pytest.raises(UpstreamFailed):
        await ask()
