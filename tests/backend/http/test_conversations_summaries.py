"""Summaries of conversations over HTTP."""

import time
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from starlette.testclient import TestClient

from backend.settings.settings import Settings
from tests.backend.http.chatting import ask
from tests.backend.http.conftest import served
from tests.backend.http.keys import make_key, requiring
from tests.patience import PATIENCE

Json = dict[str, Any]


@pytest.fixture
def locked(settings: Settings) -> Iterator[TestClient]:
    with served(requiring(settings)) as client:
        yield client


def until(read: Callable[[], Json], done: Callable[[Json], bool]) -> Json:
    end = time.monotonic() + PATIENCE
    while not done(found := read()):
        assert time.monotonic() < end, found
    return found


def test_a_summary_is_made_in_the_background_and_edited(library: TestClient) -> None:
    chat = ask(library)["chat_id"]
    place = f"/api/conversations/{chat}"
    missing = library.get(f"{place}/imported_chat_summary")
    assert (missing.status_code, missing.json()["code"]) == (404, "summary_not_found")
    begun = library.post(f"{place}/summary", json={})
    assert begun.status_code == 202, begun.text
    assert begun.json()["method"] == "extractive"
    made = until(
        lambda: cast("Json", library.get(f"{place}/imported_chat_summary").json()),
        lambda found: bool(found["summary"]),
    )
    assert made["messages"] == 2
    assert made["summary"].startswith("- ")
    edited = library.patch(f"{place}/summary", json={"summary": "Mine."})
    assert edited.status_code == 200, edited.text
    assert (edited.json()["summary"], edited.json()["edited"]) == ("Mine.", True)
    assert edited.json()["generated"] == made["summary"]
    wrong = library.patch(f"{place}/summary", json={"summary": " "})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "summary_invalid")


def test_anothers_conversation_is_not_there(locked: TestClient, settings: Settings) -> None:
    anna = {"X-API-Key": make_key(settings, user="anna").secret}
    boris = {"X-API-Key": make_key(settings, user="boris").secret}
    said = locked.post("/chat", json={"user_id": "anna", "message": "Hi"}, headers=anna).json()
    place = f"/api/conversations/{said['chat_id']}"
    for answer in (
        locked.get(f"{place}/imported_chat_summary", headers=boris),
        locked.patch(f"{place}/summary", json={"summary": "x"}, headers=boris),
        locked.post(f"{place}/summary", json={}, headers=boris),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "conversation_not_found")
