"""`GET /metrics`: what the server did, by templates and codes, in Prometheus' text."""

from collections.abc import AsyncIterator

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, DeltaToolCalls
from starlette.testclient import TestClient

from backend.settings.settings import Settings
from tests.backend.http.keys import make_key, requiring
from tests.backend.http.scripted import scripted
from use_cases.kernel.model import Scope


async def broken(
    _messages: list[ModelMessage], _info: AgentInfo
) -> AsyncIterator[str | DeltaToolCalls]:
    yield "Well, "
    raise LookupError("a bug")


def figures(client: TestClient) -> dict[tuple[str, ...], float]:
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=1.0.0")
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_requests_are_counted_by_template_and_problems_by_code(settings: Settings) -> None:
    with scripted(settings) as client:
        client.get("/chats/chat_nobody")
        client.get("/chats/chat_other")
        client.get("/nowhere/at/all")
        client.post("/chat", json={"user_id": "local"})
        client.get("/health", headers={"host": "evil.example"})
        found = figures(client)
    assert found["candor_http_requests_total", "GET", "/chats/{chat_id}", "404"] == 2
    assert found["candor_http_requests_total", "GET", "none", "404"] == 1
    assert found["candor_http_requests_total", "POST", "/chat", "422"] == 1
    assert found["candor_http_problems_total", "chat_not_found"] == 2
    assert found["candor_http_problems_total", "route_not_found"] == 1
    assert found["candor_http_problems_total", "validation_error"] == 1
    assert found["candor_http_problems_total", "host_refused"] == 1
    assert found["candor_http_requests_total", "GET", "none", "403"] == 1
    assert "nobody" not in str(found)


@pytest.mark.parametrize("path", ["/chat", "/chat/stream"])
def test_an_answer_is_counted_over_either_door(settings: Settings, path: str) -> None:
    with scripted(settings) as client:
        client.post(path, json={"user_id": "local", "message": "A promptword?"})
        found = figures(client)
    assert found["candor_answers_total", "not_found"] == 1
    assert found["candor_tool_calls_total", "done", "search_knowledge_base"] == 1
    assert found["candor_turn_first_text_seconds_count",] == 1
    assert found["candor_answer_seconds_count",] == 1
    assert found["candor_turns_active",] == 0
    assert found["candor_tokens_total", "input", "test:scripted"] > 0
    assert found["candor_http_requests_total", "POST", path, "200"] == 1


def test_with_keys_the_figures_are_for_those_with_the_scope(settings: Settings) -> None:
    watching = make_key(settings, scopes=(Scope.METRICS,)).secret
    asking = make_key(settings, scopes=(Scope.CHAT,)).secret
    with scripted(requiring(settings)) as client:
        codes = [
            client.get("/metrics", headers=headers).status_code
            for headers in ({}, {"X-API-Key": asking}, {"X-API-Key": watching})
        ]
    assert codes == [401, 403, 200]


def test_a_fault_of_our_own_is_counted_though_it_is_answered_outside(settings: Settings) -> None:
    with scripted(settings, broken) as client:
        asked = client.post("/chat", json={"user_id": "local", "message": "?"})
        found = figures(client)
    assert (asked.status_code, asked.json()["code"]) == (500, "internal_error")
    assert found["candor_http_requests_total", "POST", "/chat", "500"] == 1
    assert found["candor_http_problems_total", "internal_error"] == 1
    assert found["candor_turns_failed_total", "internal_error"] == 1
