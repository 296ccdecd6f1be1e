"""What the OpenAPI document says of chat: names, streams, problems."""

from typing import Any, cast

import pytest
from starlette.testclient import TestClient

from tests.backend.http.chatting import Json


def operation(client: TestClient, method: str, path: str) -> Json:
    return cast("Json", client.get("/openapi.json").json()["paths"][path][method])


def test_operations_have_names_that_a_client_can_be_made_of(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    found = [one["operationId"] for operations in paths.values() for one in operations.values()]
    assert len(set(found)) == len(found)
    assert {
        "ask",
        "ask_for_stream",
        "ask_as_frontend",
        "reload_messages",
        "resume_stream",
        "list_chats",
        "show_chat",
        "read_messages",
        "rename_chat",
        "delete_chat",
        "cancel_turn",
        "list_answers",
        "show_answer",
    } <= set(found)


@pytest.mark.parametrize(
    ("path", "header", "begins"),
    [
        ("/chat/stream", "X-Vercel-AI-Data-Stream", 'f:{"messageId"'),
        ("/api/chat", "x-vercel-ai-ui-message-stream", 'data: {"type":"start"'),
    ],
)
def test_streams_are_described_with_an_example(
    client: TestClient, path: str, header: str, begins: str
) -> None:
    answer = operation(client, "post", path)["responses"]["200"]
    assert set(answer["content"]) == {"text/event-stream"}
    assert header in answer["headers"]
    assert answer["content"]["text/event-stream"]["example"].startswith(begins)
    assert "AI SDK" in answer["description"]


@pytest.mark.parametrize("path", ["/chat", "/chat/stream", "/api/chat"])
def test_problems_of_asking_are_described(client: TestClient, path: str) -> None:
    answers = operation(client, "post", path)["responses"]
    codes = {
        status: set(answer["content"]["application/problem+json"]["examples"])
        for status, answer in answers.items()
        if int(status) >= 400
    }
    assert {"chat_not_found"} <= codes["404"]
    assert {"chat_busy"} <= codes["409"]
    assert {"too_large"} <= codes["413"]
    assert {"not_json"} <= codes["415"]
    assert {"question_empty", "question_too_long", "validation_error"} <= codes["422"]
    assert {"rate_limited"} <= codes["429"]
    assert {"storage_busy"} <= codes["503"]


def test_a_whole_answer_can_fail_at_the_provider(client: TestClient) -> None:
    answers: dict[str, Any] = operation(client, "post", "/chat")["responses"]
    assert {"502", "504"} <= set(answers)


def test_ids_say_what_they_may_look_like(client: TestClient) -> None:
    chat_id, _owner = operation(client, "get", "/chats/{chat_id}")["parameters"]
    assert chat_id["schema"]["maxLength"] == 128
    assert chat_id["schema"]["pattern"] == r"^[A-Za-z0-9._:\-]+$"


def test_the_page_of_routes_names_the_shape_of_a_body(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "<td><code>messages</code></td><td>array</td>" in page
    assert "<td><code>message</code></td><td>SentMessage or null</td>" in page
    assert "None" not in page
