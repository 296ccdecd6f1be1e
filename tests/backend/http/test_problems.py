"""Whatever goes wrong, the answer is a problem object that says what and hides the rest."""

import json
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient

from backend.http.middleware.request_figures import RequestIdMiddleware
from backend.http.problems import answer_with_problems, documented
from use_cases.kernel.errors import CandorError, QueryRefused, RateLimited, Refused, StorageDamaged

SECRET = "sk-planted-0123456789abcdef"


def failing(error: Exception) -> TestClient:
    app = FastAPI()

    async def fail() -> None:
        raise error

    app.add_api_route("/fail", fail)
    answer_with_problems(app)
    app.add_middleware(RequestIdMiddleware)
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


def test_a_known_waiting_time_is_a_header() -> None:
    response = failing(RateLimited("Slow down.", retry_after=2.2)).get("/fail")
    assert response.status_code == 429
    assert response.headers["retry-after"] == "3"


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
    client: TestClient, method: str, path: str, status: int, code: str
) -> None:
    response = client.request(method, path)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"
    assert set(response.json()) == {"type", "title", "status", "detail", "code", "hint"}


def test_a_wrong_method_names_the_right_ones(client: TestClient) -> None:
    assert client.put("/knowledge/sql").headers["allow"] == "POST"
    assert client.put("/knowledge/search").headers["allow"] == "GET, POST"
    assert client.put("/chats/chat_none").headers["allow"] == "DELETE, GET, PATCH"


def test_wrong_fields_are_named_without_what_was_sent(client: TestClient) -> None:
    body = {"query": ["planted"], "limit": "planted", "explain": False}
    detail = client.post("/knowledge/search", json=body).json()["detail"]
    assert "query: " in detail
    assert "limit: " in detail
    assert "planted" not in detail


@pytest.mark.parametrize("body", ["{", "", "null", "[]", '"text"', "\x00"])
def test_a_body_that_is_no_object_is_a_problem(client: TestClient, body: str) -> None:
    response = client.post(
        "/knowledge/search", content=body, headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 422
    assert response.json()["code"] == "validation_error"


def test_a_body_of_no_stated_kind_is_not_read(client: TestClient) -> None:
    """A form of another site can send text/plain without asking; JSON it cannot."""
    response = client.post(
        "/knowledge/search", content='{"query": "x"}', headers={"Content-Type": "text/plain"}
    )
    assert (response.status_code, response.json()["code"]) == (415, "not_json")


def test_a_broken_multipart_body_is_a_problem(client: TestClient) -> None:
    response = client.post(
        "/knowledge/documents",
        content=b"not multipart at all",
        headers={"content-type": "multipart/form-data; boundary=x"},
    )
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


def test_every_route_documents_its_problems(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert "ProblemBody" in document["components"]["schemas"]
    assert "HTTPValidationError" not in json.dumps(document)
    for path, operations in document["paths"].items():
        if path == "/health":
            continue
        for operation in operations.values():
            kinds = {
                kind
                for status, answer in operation["responses"].items()
                if int(status) >= 400
                for kind in answer["content"]
            }
            assert kinds == {"application/problem+json"}, path


def test_documented_problems_share_a_status() -> None:
    answers = documented(Refused, QueryRefused, StorageDamaged)
    assert answers[403]["description"] == "Refused; Query refused"
    assert set(answers) == {403, 422, 503}


def test_an_error_without_a_family_is_internal() -> None:
    class Odd(CandorError):
        code = "odd"

    response = failing(Odd("What is this?")).get("/fail")
    assert (response.status_code, response.json()["code"]) == (500, "odd")


@pytest.mark.usefixtures("restored_logs")
def test_a_failure_after_the_first_byte_does_not_answer_twice() -> None:
    from starlette.responses import StreamingResponse

    app = FastAPI()

    async def pieces() -> AsyncIterator[bytes]:
        yield b"one"
        raise RuntimeError(SECRET)

    async def stream() -> StreamingResponse:
        return StreamingResponse(pieces())

    app.add_api_route("/stream", stream)
    app.add_middleware(RequestIdMiddleware)
    client = TestClient(app, base_url="http://localhost", raise_server_exceptions=False)
    assert client.get("/stream").content == b"one"


def test_a_body_that_is_no_json_is_said(client: TestClient) -> None:
    response = client.post(
        "/knowledge/sql", content="{bad", headers={"Content-Type": "application/json"}
    )
    assert (response.status_code, response.json()["detail"]) == (422, "body: This is not JSON.")
