"""Summaries of conversations over HTTP."""

import time
from collections.abc import Callable
from typing import Any, cast

from starlette.testclient import TestClient

from tests.backend.http.chatting import ask
from tests.patience import PATIENCE

Json = dict[str, Any]


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
    begun = library.post(f"{place}/summary")
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


def test_a_file_has_a_summary_and_a_run_makes_another(library: TestClient) -> None:
    chat = ask(library)["chat_id"]
    file = {"file": ("keys.txt", b"Keys are rotated every ninety days.", "text/plain")}
    made = library.post(f"/api/conversations/{chat}/files", files=file).json()
    assert made["summary_text"] == "- Keys are rotated every ninety days."
    assert (made["summary_model"], made["summarised_at"]) == ("", made["created_at"])
    place = f"/api/conversations/files/{made['id']}/summary"
    before = cast("Json", library.get(place).json())
    assert (before["run"], before["reason"]) == (None, "")
    begun = library.post(place, json={"model": "offline:extractive"})
    assert begun.status_code == 202, begun.text
    assert (begun.json()["file_id"], begun.json()["conversation_id"]) == (made["id"], chat)
    done = until(
        lambda: cast("Json", library.get(place).json()), lambda found: found["run"] == "completed"
    )
    assert done["summary_text"] == made["summary_text"]
    assert done["summarised_at"] > made["summarised_at"]
    (listed,) = library.get(f"/api/conversations/{chat}/files").json()
    assert listed == {key: done[key] for key in listed}
    found = library.get("/api/search", params={"q": "rotated ninety"}).json()["results"]
    # Not first: the chat's title and question mean nearly the same.
    assert (made["id"], "file") in {(one["id"], one["content_type"]) for one in found}
