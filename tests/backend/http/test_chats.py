"""A person's chats over HTTP: pages, renaming, removing, and ids that are none."""

import pytest
from starlette.testclient import TestClient

from tests.backend.http.chatting import LEAVE, ROTATION, ask, emptied, messages, problem, texts


@pytest.fixture
def library(stocked: TestClient) -> TestClient:
    """A server with the corpus, and no chats yet."""
    return emptied(stocked)


def test_chats_are_listed_page_by_page_for_a_user_or_for_all(library: TestClient) -> None:
    nothing = library.get("/chats", params={"user_id": "ada"}).json()
    assert nothing == {"chats": [], "limit": 50, "next_before": None}
    adas = [ask(library)["chat_id"], ask(library, LEAVE)["chat_id"]][::-1]
    graces = ask(library, user_id="grace")["chat_id"]
    first = library.get("/chats", params={"user_id": "ada", "limit": 1}).json()
    assert ([chat["id"] for chat in first["chats"]], first["next_before"]) == (adas[:1], adas[0])
    last = library.get("/chats", params={"user_id": "ada", "limit": 1, "before": adas[0]}).json()
    assert ([chat["id"] for chat in last["chats"]], last["next_before"]) == (adas[1:], None)
    assert [chat["id"] for chat in library.get("/chats").json()["chats"]][:3] == [graces, *adas]


def test_a_chat_has_a_title_that_can_be_changed(library: TestClient) -> None:
    chat_id = ask(library)["chat_id"]
    chat = library.get(f"/chats/{chat_id}").json()
    known = {"id", "user_id", "title", "client_id", "mode", "created_at", "updated_at"}
    assert set(chat) == known
    assert (chat["id"], chat["user_id"], chat["title"]) == (chat_id, "ada", ROTATION)
    assert chat["client_id"] is None
    renamed = library.patch(f"/chats/{chat_id}", json={"title": "  Pass\nwords \u0000"})
    assert (renamed.status_code, renamed.json()["title"]) == (200, "Pass words")
    for title in ("", " \n", "x" * 201):
        assert library.patch(f"/chats/{chat_id}", json={"title": title}).status_code == 422
    assert library.get(f"/chats/{chat_id}").json()["title"] == "Pass words"


def test_messages_tell_questions_from_answers(library: TestClient) -> None:
    reply = ask(library)
    question, answer = messages(library, str(reply["chat_id"]))
    assert (question["role"], question["content"], question["outcome"]) == ("user", ROTATION, None)
    assert (question["sources"], question["model"], question["latency_ms"]) == ([], None, None)
    assert (answer["role"], answer["content"]) == ("assistant", reply["text"])
    assert answer["parent_id"] == question["id"]
    same = ("sources", "tool_calls", "outcome", "model", "latency_ms")
    assert {name: answer[name] for name in same} == {name: reply[name] for name in same}


def test_messages_have_pages_from_the_last_to_the_first(library: TestClient) -> None:
    chat_id = ask(library)["chat_id"]
    ask(library, LEAVE, chat_id=chat_id)
    all_of_them = [message["id"] for message in messages(library, str(chat_id))]
    page = library.get(f"/chats/{chat_id}/messages", params={"limit": 3}).json()
    assert [message["id"] for message in page["messages"]] == all_of_them[1:]
    assert (page["chat_id"], page["next_before"]) == (chat_id, all_of_them[1])
    rest = messages(library, chat_id, limit=3, before=page["next_before"])
    assert [message["id"] for message in rest] == all_of_them[:1]
    other = {"before": str(ask(library)["message_id"])}
    foreign = library.get(f"/chats/{chat_id}/messages", params=other)
    assert problem(foreign) == (404, "message_not_found")


def test_a_removed_chat_leaves_nothing(library: TestClient) -> None:
    reply = ask(library)
    chat_id = reply["chat_id"]
    response = library.delete(f"/chats/{chat_id}")
    assert (response.status_code, response.content) == (204, b"")
    assert library.get(f"/chats/{chat_id}/messages").status_code == 404
    assert library.get(f"/answers/{reply['message_id']}").status_code == 404
    assert library.delete(f"/chats/{chat_id}").status_code == 404


def test_where_nothing_runs_nothing_is_cancelled(library: TestClient) -> None:
    chat_id = ask(library)["chat_id"]
    response = library.post(f"/chats/{chat_id}/cancel")
    assert (response.status_code, response.json()) == (200, {"cancelled": False})
    assert texts(library, str(chat_id))[0] == ROTATION


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/chats/{}"),
        ("GET", "/chats/{}/messages"),
        ("PATCH", "/chats/{}"),
        ("DELETE", "/chats/{}"),
        ("POST", "/chats/{}/cancel"),
        ("GET", "/api/chat/{}/messages"),
    ],
)
def test_a_chat_of_nobody_is_not_found_and_what_can_be_no_id_is_said(
    stocked: TestClient, method: str, path: str
) -> None:
    told = {"title": "Mine"} if method == "PATCH" else None
    missing = stocked.request(method, path.format("chat_none"), json=told)
    assert problem(missing) == (404, "chat_not_found")
    for chat_id in ("x" * 4096, "a b", "a%00b", "%ED%A0%80", "%FF", "é"):
        refused = stocked.request(method, path.format(chat_id), json=told)
        assert problem(refused) == (422, "validation_error"), chat_id


def test_an_address_that_names_a_user_means_nobody_elses_chat(stocked: TestClient) -> None:
    said = {"id": "m1", "role": "user", "parts": [{"type": "text", "text": "How?"}]}
    for user in ("ann-of-two", "bob-of-two"):
        body = {"id": "main-of-two", "user_id": user, "messages": [said]}
        stocked.post("/api/chat", json={**body, "trigger": "submit-message"})
    mine = {"user_id": "ann-of-two"}
    assert stocked.get("/chats/main-of-two", params=mine).json()["user_id"] == "ann-of-two"
    assert stocked.delete("/chats/main-of-two", params=mine).status_code == 204
    assert stocked.delete("/chats/main-of-two", params=mine).status_code == 404
    assert stocked.get("/api/chat/main-of-two/messages", params=mine).status_code == 404
    his = {"user_id": "bob-of-two"}
    assert len(stocked.get("/api/chat/main-of-two/messages", params=his).json()["messages"]) == 2
