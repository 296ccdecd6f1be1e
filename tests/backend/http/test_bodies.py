"""Bodies that nobody means well: no JSON, not announced as such, too deep, too large, made up."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from backend.settings.settings import Settings
from tests.backend.http.chatting import ROTATION, Json, body, said
from tests.backend.http.conftest import served
from tests.thoroughness import examples

JSON = {"Content-Type": "application/json"}
TAKING_JSON = [
    ("POST", "/chat"),
    ("POST", "/chat/stream"),
    ("POST", "/api/chat"),
    ("PATCH", "/chats/chat_none"),
    ("POST", "/knowledge/search"),
    ("POST", "/knowledge/sql"),
]
ASKING = ["/chat", "/chat/stream", "/api/chat"]
MEGABYTES = 10 * 1024 * 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """An empty one for all of these: none of them is to leave anything behind."""
    folder: Path = tmp_path_factory.mktemp("bodies")
    with served(Settings.model_validate({"data_dir": folder / "var"})) as client:
        yield client


@pytest.mark.parametrize(("method", "path"), TAKING_JSON)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"\x00",
        b"\xff\xfe",
        b'{"message": "\xff"}',
        b'{"a": 1} {"a": 1}',
        b"{'message': 'x'}",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"9" * 5_000,
        b"NaN",
    ],
    ids=lambda content: repr(content[:12]),
)
def test_what_is_no_object_is_refused(
    server: TestClient, method: str, path: str, content: bytes
) -> None:
    response = server.request(method, path, content=content, headers=JSON)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("method", "path"), TAKING_JSON)
@pytest.mark.parametrize(
    "kind",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json-seq",
        "text/plain; application/json",
        "application/jsonx",
    ],
)
def test_what_is_not_announced_as_json_is_refused(
    server: TestClient, method: str, path: str, kind: str | None
) -> None:
    """These are what a page of another site can make a browser send without asking."""
    headers = {} if kind is None else {"Content-Type": kind}
    sent = json.dumps({"user_id": "ada", **body(said(ROTATION)), "message": ROTATION})
    response = server.request(method, path, content=sent.encode(), headers=headers)
    assert (response.status_code, response.json()["code"]) == (415, "not_json")
    assert response.json()["hint"] == "Send it with `Content-Type: application/json`."


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON"])
def test_the_kind_may_be_written_in_full(server: TestClient, kind: str) -> None:
    response = server.post(
        "/knowledge/search", content=b'{"query": "x"}', headers={"Content-Type": kind}
    )
    assert response.status_code == 200


@pytest.mark.parametrize(("method", "path"), TAKING_JSON)
def test_ten_megabytes_are_too_much(server: TestClient, method: str, path: str) -> None:
    response = server.request(method, path, content=b" " * MEGABYTES, headers=JSON)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(("method", "path"), TAKING_JSON)
@pytest.mark.parametrize("asked", ["OPTIONS", "HEAD", "TRACE", "PROPFIND"])
def test_another_method_is_refused_with_those_that_are_taken(
    server: TestClient, method: str, path: str, asked: str
) -> None:
    response = server.request(asked, path)
    assert response.status_code == 405
    assert method in response.headers["allow"].split(", ")


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["\ud800", "\x00", "x" * 5000, "user", "text", "file", "c1"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
part = st.fixed_dictionaries({}, optional={"type": values, "text": values, "url": values})
message = st.fixed_dictionaries(
    {}, optional={"id": values, "role": values, "parts": st.lists(part, max_size=3) | values}
)
bodies = values | st.fixed_dictionaries(
    {},
    optional={
        "id": values,
        "trigger": values,
        "messages": st.lists(message, max_size=3) | values,
        "message": message | values,
        "messageId": values,
        "user_id": values,
        "chat_id": values,
        "category": values,
        "model": values,
    },
)


@pytest.mark.parametrize("path", ASKING)
@given(sent=bodies)
@settings(
    max_examples=examples(60),
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_is_sent_the_answer_is_an_answer_or_a_problem(
    server: TestClient, path: str, sent: Any
) -> None:
    response = server.post(path, content=json.dumps(sent).encode(), headers=JSON)
    assert response.status_code in {200, 404, 409, 415, 422}
    if response.status_code != 200:
        problem: Json = response.json()
        assert set(problem) == {"type", "title", "status", "detail", "code", "hint"}
        assert len(response.content) < 2000


def test_nothing_was_kept_of_what_was_refused(client: TestClient) -> None:
    for path in ASKING:
        client.post(path, json={"user_id": "ada", "message": "", "id": "c1", "messages": []})
    assert client.get("/chats", params={"user_id": "ada"}).json()["chats"] == []
    assert client.get("/chats", params={"user_id": "local"}).json()["chats"] == []
