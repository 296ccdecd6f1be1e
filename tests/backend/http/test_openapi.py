"""What the OpenAPI document says of chat: names, streams, problems."""

from typing import cast

import pytest

from tests.backend.http.chatting import Json
from tests.backend.http.conftest import openapi_document


def operation(method: str, path: str) -> Json:
    return cast("Json", openapi_document(required=False)["paths"][path][method])


def test_operations_have_names_that_a_client_can_be_made_of() -> None:
    paths = openapi_document(required=False)["paths"]
    found = [one["operationId"] for operations in paths.values() for one in operations.values()]
    assert len(set(found)) == len(found)
    assert {
        *("ask", "ask_for_stream", "ask_as_frontend", "reload_messages", "resume_stream"),
        *("list_chats", "show_chat", "read_messages", "rename_chat", "delete_chat"),
        *("cancel_turn", "list_answers", "show_answer"),
    } <= set(found)


@pytest.mark.parametrize(
    ("path", "header", "begins"),
    [
        ("/chat/stream", "X-Vercel-AI-Data-Stream", 'f:{"messageId"'),
        ("/api/chat", "x-vercel-ai-ui-message-stream", 'data: {"type":"start"'),
    ],
)
def test_streams_are_described_with_an_example(path: str, header: str, begins: str) -> None:
    answer = operation("post", path)["responses"]["200"]
    assert set(answer["content"]) == {"text/event-stream"}
    assert header in answer["headers"]
    assert answer["content"]["text/event-stream"]["example"].startswith(begins)
    assert "AI SDK" in answer["description"]


@pytest.mark.parametrize("path", ["/chat", "/chat/stream", "/api/chat"])
def test_problems_of_asking_are_described(path: str) -> None:
    answers = operation("post", path)["responses"]
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
    assert path != "/chat" or {"502", "504"} <= set(answers)


def test_what_is_answered_before_any_route_is_described_for_every_operation() -> None:
    document = openapi_document(required=True)
    for path, operations in document["paths"].items():
        for method, one in operations.items():
            form = "json" if path.startswith("/v1/") else "problem+json"
            codes = {
                code
                for answer in one["responses"].values()
                for code in answer.get("content", {})
                .get(f"application/{form}", {})
                .get("examples", {})
            }
            wanted = {"host_refused", "api_key_invalid", "rate_limited", "too_many_requests"}
            wanted |= {"server_full"}
            if "security" in one:
                wanted |= {"authentication_required", "session_invalid", "scope_missing"}
                wanted |= {"cross_site_write", "storage_busy"}
            if "requestBody" in one:
                wanted |= {"request_timeout"}
            assert wanted <= codes, (method, path, wanted - codes)
            assert "Retry-After" in one["responses"]["429"]["headers"], (method, path)


def test_ids_say_what_they_may_look_like() -> None:
    chat_id, _owner = operation("get", "/chats/{chat_id}")["parameters"]
    assert chat_id["schema"]["maxLength"] == 128
    assert chat_id["schema"]["pattern"] == r"^[A-Za-z0-9._:\-]+$"


def test_reports_of_confidence_look_as_far_back_as_was_agreed() -> None:
    agreed = {
        "stats": 7,
        "brier-score": 7,
        "calibration": 30,
        "phrase-status": 30,
        "auto-tune": 365,
        "recent": None,
    }
    for name, days in agreed.items():
        method = "post" if name == "auto-tune" else "get"
        parameters = operation(method, f"/confidence/{name}")["parameters"]
        (back,) = [each for each in parameters if each["name"] == "days_back"]
        assert back["schema"].get("default") == days, name
