"""Whatever goes wrong, the answer is a problem object that says what and hides the rest."""

import json
from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse
from starlette.testclient import TestClient

from backend.http.middleware.request_figures import RequestMiddleware
from backend.http.problems import answer_with_problems
from backend.observability.metrics import Metrics
from tests.backend.http.chatting import problem
from tests.backend.http.conftest import openapi_document
from use_cases.kernel.errors import CandorError, QueryRefused, RateLimited

SECRET = "sk-planted-0123456789abcdef"


def count_requests(app: FastAPI) -> None:
    app.state.candor = SimpleNamespace(metrics=Metrics())
    app.add_middleware(RequestMiddleware)


def failing(error: Exception) -> TestClient:
    app = FastAPI()

    async def fail() -> None:
        raise error

    app.add_api_route("/fail", fail)
    answer_with_problems(app)
    count_requests(app)
    return TestClient(app, base_url="http://localhost", raise_server_exceptions=False)


def test_an_error_on_purpose_is_a_problem() -> None:
    response = failing(QueryRefused("DELETE is not allowed.")).get("/fail")
    assert response.status_code == 403
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json() == {
        "type": "urn:candor:error:query_refused",
        "title": "Query refused",
        "status": 403,
        "detail": "DELETE is not allowed.",
        "code": "query_refused",
        "hint": "Write one SELECT over the listed tables; `candor tables` shows them.",
    }


@pytest.mark.usefixtures("restored_logs")
def test_an_unknown_exception_shows_nothing_of_itself() -> None:
    response = failing(RuntimeError(f"cannot log in with {SECRET}")).get("/fail")
    assert response.status_code == 500
    body = response.json()
    assert body["code"] == "internal_error"
    assert body["request_id"] == response.headers["x-request-id"]
    assert SECRET not in response.text
    assert "RuntimeError" not in response.text


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "invalid_input"),
        (401, "authentication_required"),
        (403, "refused"),
        (404, "route_not_found"),
        (405, "method_not_allowed"),
        (413, "too_large"),
        (415, "unsupported_content"),
        (500, "internal_error"),
        (503, "unavailable"),
    ],
)
def test_the_frameworks_own_errors_are_problems_too(status: int, code: str) -> None:
    response = failing(HTTPException(status, "words of the framework")).get("/fail")
    assert response.json()["code"] == code
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing/here", 404, "route_not_found"),
        ("PUT", "/knowledge/documents", 405, "method_not_allowed"),
        ("GET", "/knowledge/documents/doc_none", 404, "document_not_found"),
        ("GET", "/answers/ans_none", 404, "answer_not_found"),
        ("GET", "/knowledge/search", 422, "validation_error"),
    ],
)
def test_requests_that_fail_are_problems(
    shared: TestClient, method: str, path: str, status: int, code: str
) -> None:
    response = shared.request(method, path)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"
    assert set(response.json()) == {"type", "title", "status", "detail", "code", "hint"}


def test_a_wrong_method_names_the_right_ones(shared: TestClient) -> None:
    assert shared.put("/knowledge/sql").headers["allow"] == "POST"
    assert shared.put("/knowledge/search").headers["allow"] == "GET, POST"
    assert shared.put("/chats/chat_none").headers["allow"] == "DELETE, GET, PATCH"


@pytest.mark.usefixtures("restored_logs")
def test_a_failure_after_the_first_byte_does_not_answer_twice() -> None:
    app = FastAPI()

    async def pieces() -> AsyncIterator[bytes]:
        yield b"one"
        raise RuntimeError(SECRET)

    async def stream() -> StreamingResponse:
        return StreamingResponse(pieces())

    app.add_api_route("/stream", stream)
    count_requests(app)
    client = TestClient(app, base_url="http://localhost", raise_server_exceptions=False)
    assert client.get("/stream").content == b"one"


def test_wrong_fields_are_named_without_what_was_sent(shared: TestClient) -> None:
    body = {"query": ["planted"], "limit": "planted", "explain": False}
    detail = shared.post("/knowledge/search", json=body).json()["detail"]
    assert "query: " in detail
    assert "limit: " in detail
    assert "planted" not in detail


@pytest.mark.parametrize(
    ("path", "kind", "content", "detail"),
    [
        ("/knowledge/sql", "application/json", b"{bad", "body: This is not JSON."),
        ("/knowledge/documents", "multipart/form-data; boundary=x", b"not multipart at all", ""),
    ],
)
def test_a_body_that_cannot_be_read_is_a_problem(
    shared: TestClient, path: str, kind: str, content: bytes, detail: str
) -> None:
    response = shared.post(path, content=content, headers={"content-type": kind})
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert detail in response.json()["detail"]


def test_every_route_documents_its_problems() -> None:
    document = openapi_document(required=False)
    assert "ProblemBody" in document["components"]["schemas"]
    assert "HTTPValidationError" not in json.dumps(document)
    for path, operations in document["paths"].items():
        if path in ("/health", "/health/ready"):
            continue
        for operation in operations.values():
            kinds = {
                kind
                for status, answer in operation["responses"].items()
                if int(status) >= 400
                for kind in answer["content"]
            }
            form = "json" if path.startswith("/v1/") else "problem+json"
            assert kinds == {f"application/{form}"}, path


class Odd(CandorError):
    code = "odd"


@pytest.mark.parametrize(
    ("error", "status", "code", "wait"),
    [
        (RateLimited("Slow down.", retry_after=2.2), 429, "rate_limited", "3"),
        (Odd("Of no family."), 500, "odd", None),
    ],
)
def test_an_error_has_the_status_of_its_family_and_its_waiting_time(
    error: CandorError, status: int, code: str, wait: str | None
) -> None:
    response = failing(error).get("/fail")
    assert problem(response) == (status, code)
    assert response.headers.get("retry-after") == wait
