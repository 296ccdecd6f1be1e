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
from tests.backend.http.chatting import ROTATION, body, problem, said
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


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """An empty one for all of these: none of them is to leave anything behind."""
    folder: Path = tmp_path_factory.mktemp("bodies")
    with served(Settings.model_validate({"data_dir": folder / "var"})) as client:
        yield client


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
def test_what_is_no_object_is_refused(shared: TestClient, content: bytes) -> None:
    for method, path in TAKING_JSON:
        response = shared.request(method, path, content=content, headers=JSON)
        assert response.status_code == 422
        assert response.headers["content-type"] == "application/problem+json"


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
def test_what_is_not_announced_as_json_is_refused(shared: TestClient, kind: str | None) -> None:
    """These are what a page of another site can make a browser send without asking."""
    headers = {} if kind is None else {"Content-Type": kind}
    sent = json.dumps({"user_id": "ada", **body(said(ROTATION)), "message": ROTATION})
    for method, path in TAKING_JSON:
        response = shared.request(method, path, content=sent.encode(), headers=headers)
        assert problem(response) == (415, "not_json")
        assert response.json()["hint"] == "Send it with `Content-Type: application/json`."


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON"])
def test_the_kind_may_be_written_in_full(shared: TestClient, kind: str) -> None:
    response = shared.post(
        "/knowledge/search", content=b'{"query": "x"}', headers={"Content-Type": kind}
    )
    assert response.status_code == 200


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
    shared: TestClient, path: str, sent: Any
) -> None:
    response = shared.post(path, content=json.dumps(sent).encode(), headers=JSON)
    assert response.status_code in {200, 404, 409, 415, 422}
    if response.status_code != 200:
        assert set(response.json()) == {"type", "title", "status", "detail", "code", "hint"}
        assert len(response.content) < 2000
