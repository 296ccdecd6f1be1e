"""The search over conversations over HTTP: what was said here is found, and by nobody else."""

import sqlite3
from time import monotonic
from typing import Any

import pytest
from starlette.testclient import TestClient

from backend.settings.settings import Settings
from tests.backend.http.chatting import LEAVE, ROTATION, ask, emptied
from tests.backend.http.conftest import served
from tests.backend.http.keys import key_of, requiring
from tests.patience import PATIENCE
from use_cases.kernel.model import Scope


@pytest.fixture
def library(stocked: TestClient) -> TestClient:
    """A server with the corpus, and no chats yet."""
    return emptied(stocked)


def search(client: TestClient, q: str, **params: Any) -> dict[str, Any]:
    found = client.get("/api/search", params={"q": q, **params})
    assert found.status_code == 200, found.text
    return found.json()


def test_a_question_is_found_as_soon_as_it_was_asked(library: TestClient) -> None:
    reply = ask(library)
    ask(library, LEAVE)
    found = search(library, ROTATION)
    first = found["results"][0]
    assert set(first) == {
        *("id", "content_type", "content_snippet", "score", "created_at", "conversation_id"),
        *("conversation_title", "created_by_user_name", "created_by_user_email", "source"),
        *("message_id", "branch", "role"),
    }
    assert (first["id"], first["message_id"]) == (reply["chat_id"], None)
    assert (first["conversation_title"], first["score"]) == (ROTATION, 0.95)
    assert (first["created_by_user_name"], first["created_by_user_email"]) == ("ada", None)
    second = found["results"][1]
    assert (second["conversation_id"], second["role"]) == (reply["chat_id"], "user")
    assert (second["content_type"], second["source"]) == ("chat", "candor")
    assert second["branch"] == "shown"
    assert found["stats"]["query"] == ROTATION
    assert found["stats"]["total_results"] == found["total_count"] >= 3
    assert found["stats"]["results_by_type"] == {"chat": found["total_count"]}
    assert found["stats"]["execution_time_ms"] >= 0
    assert found["has_more"] is False


def test_pages_and_filters(library: TestClient) -> None:
    ask(library)
    whole = search(library, "password")
    page = search(library, "password", limit=1, offset=1)
    assert page["results"] == whole["results"][1:2]
    assert page["has_more"] is (whole["total_count"] > 2)
    answers = search(library, "password", role=["assistant", "tool"])["results"]
    assert {one["role"] for one in answers} == {"assistant"}
    assert search(library, "password", source="grok")["results"] == []
    assert search(library, "password", status="completed")["results"] == []
    assert search(library, "password", content_type="file")["results"] == []
    assert search(library, "password", until="2000-01-01T00:00:00Z")["results"] == []
    assert search(library, "password", since="2000-01-01T00:00:00Z", sort_by="title")["results"]


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"q": ""},
        {"q": "a", "limit": 0},
        {"q": "a", "limit": 101},
        {"q": "a", "offset": -1},
        {"q": "a", "sort_by": "colour"},
        {"q": "a", "status": "open"},
        {"q": "a", "since": "2026-01-01"},
        {"q": "a", "content_type": "table"},
    ],
)
def test_what_cannot_be_searched_for_is_refused(
    shared: TestClient, params: dict[str, str | int]
) -> None:
    assert shared.get("/api/search", params=params).status_code == 422


@pytest.mark.parametrize("q", ['"', "*", "NEAR(", "a" * 4_000, "\N{COFFIN}", "言葉"])
def test_any_text_is_a_query(shared: TestClient, q: str) -> None:
    assert search(shared, q)["results"] == []


def test_two_people_with_keys_find_their_own_alone(settings: Settings) -> None:
    required = requiring(settings, rate_limit_per_minute=0, rate_limit_reads_per_minute=0)
    with served(required) as client:
        keys = {
            user: key_of(required, user, Scope.CHAT, Scope.CONVERSATIONS)
            for user in ("anna", "Anna")
        }
        for user, headers in keys.items():
            told = {"user_id": user, "message": f"Is heliotrope the colour of {user.swapcase()}?"}
            assert client.post("/chat", json=told, headers=headers).status_code == 200
        for user, headers in keys.items():
            for q in ("heliotrope", "heliotrpe", "colour"):
                found = client.get("/api/search", params={"q": q}, headers=headers).json()
                assert found["results"], q
                assert {one["created_by_user_name"] for one in found["results"]} == {user}


def test_vectors_come_by_themselves_and_a_removed_chat_leaves_no_word_in_the_index(
    client: TestClient, settings: Settings
) -> None:
    chat_id = ask(client, "Is heliotrope a colour?")["chat_id"]
    deadline = monotonic() + PATIENCE
    while search(client, "heliotrope")["notices"]:
        assert monotonic() < deadline
    assert client.delete(f"/chats/{chat_id}", params={"user_id": "ada"}).status_code == 204
    with sqlite3.connect(settings.conversation_index_path) as index:
        for table in ("documents", "versions", "passages", "placed", "bits", "vectors_rowids"):
            count = index.execute(f"SELECT count(*) FROM candor_{table}").fetchone()
            assert count == (0,), table
    index.close()
