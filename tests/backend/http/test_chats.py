"""A person's chats over HTTP: pages, other people's, renaming, removing."""

import pytest
from starlette.testclient import TestClient

from tests.backend.http.chatting import LEAVE, ROTATION, ask, emptied, messages, texts


@pytest.fixture
def library(stocked: TestClient) -> TestClient:
    """A server with the corpus, and no chats yet."""
    return emptied(stocked)


def listed(client: TestClient, user_id: str, **params: str | int) -> list[str]:
    found = client.get("/chats", params={"user_id": user_id, **params})
    assert found.status_code == 200, found.text
    return [chat["id"] for chat in found.json()["chats"]]


def test_nobody_has_chats_at_first(client: TestClient) -> None:
    assert client.get("/chats", params={"user_id": "ada"}).json() == {
        "chats": [],
        "limit": 50,
        "next_before": None,
    }


def test_without_a_name_every_users_chats_are_listed_in_local_mode(library: TestClient) -> None:
    first = ask(library)["chat_id"]
    second = ask(library, LEAVE, user_id="bert")["chat_id"]
    listed_chats = library.get("/chats").json()["chats"]
    assert [chat["id"] for chat in listed_chats][:2] == [second, first]


def test_chats_are_listed_by_their_last_use(library: TestClient) -> None:
    first, second = ask(library)["chat_id"], ask(library, LEAVE)["chat_id"]
    assert listed(library, "ada") == [second, first]
    ask(library, chat_id=first)
    assert listed(library, "ada") == [first, second]


def test_a_list_holds_one_users_chats(library: TestClient) -> None:
    adas, graces = ask(library, user_id="ada")["chat_id"], ask(library, user_id="grace")["chat_id"]
    assert listed(library, "ada") == [adas]
    assert listed(library, "grace") == [graces]
    assert listed(library, "nobody") == []


def test_a_list_of_chats_has_pages(library: TestClient) -> None:
    chats = [ask(library)["chat_id"] for _ in range(3)][::-1]
    first = library.get("/chats", params={"user_id": "ada", "limit": 2}).json()
    assert [chat["id"] for chat in first["chats"]] == chats[:2]
    assert first["next_before"] == chats[1]
    last = library.get("/chats", params={"user_id": "ada", "limit": 2, "before": chats[1]}).json()
    assert [chat["id"] for chat in last["chats"]] == chats[2:]
    assert last["next_before"] is None


def test_a_chat_has_a_title_and_times(library: TestClient) -> None:
    chat_id = ask(library)["chat_id"]
    chat = library.get(f"/chats/{chat_id}").json()
    known = {"id", "user_id", "title", "client_id", "mode", "created_at", "updated_at"}
    assert set(chat) == known
    assert (chat["id"], chat["user_id"], chat["title"]) == (chat_id, "ada", ROTATION)
    assert chat["client_id"] is None


def test_messages_tell_questions_from_answers(library: TestClient) -> None:
    reply = ask(library)
    question, answer = messages(library, str(reply["chat_id"]))
    assert (question["role"], question["content"], question["outcome"]) == ("user", ROTATION, None)
    assert (question["sources"], question["model"], question["latency_ms"]) == ([], None, None)
    assert (answer["role"], answer["content"]) == ("assistant", reply["text"])
    assert answer["parent_id"] == question["id"]
    assert {name: answer[name] for name in ("sources", "tool_calls", "outcome", "model")} == {
        name: reply[name] for name in ("sources", "tool_calls", "outcome", "model")
    }
    assert answer["latency_ms"] == reply["latency_ms"]


def test_messages_have_pages_from_the_last_to_the_first(library: TestClient) -> None:
    chat_id = ask(library)["chat_id"]
    ask(library, LEAVE, chat_id=chat_id)
    all_of_them = [message["id"] for message in messages(library, str(chat_id))]
    page = library.get(f"/chats/{chat_id}/messages", params={"limit": 3}).json()
    assert [message["id"] for message in page["messages"]] == all_of_them[1:]
    assert (page["chat_id"], page["next_before"]) == (chat_id, all_of_them[1])
    rest = library.get(
        f"/chats/{chat_id}/messages", params={"limit": 3, "before": page["next_before"]}
    ).json()
    assert [message["id"] for message in rest["messages"]] == all_of_them[:1]
    assert rest["next_before"] is None


def test_a_chat_gets_another_title(library: TestClient) -> None:
    chat_id = ask(library)["chat_id"]
    renamed = library.patch(f"/chats/{chat_id}", json={"title": "  Pass\nwords \u0000"})
    assert (renamed.status_code, renamed.json()["title"]) == (200, "Pass words")
    assert library.get(f"/chats/{chat_id}").json()["title"] == "Pass words"


@pytest.mark.parametrize("title", ["", " \n", "x" * 201])
def test_a_title_must_be_usable(library: TestClient, title: str) -> None:
    chat_id = ask(library)["chat_id"]
    response = library.patch(f"/chats/{chat_id}", json={"title": title})
    assert response.status_code == 422


def test_a_removed_chat_leaves_nothing(library: TestClient) -> None:
    reply = ask(library)
    chat_id = reply["chat_id"]
    response = library.delete(f"/chats/{chat_id}")
    assert (response.status_code, response.content) == (204, b"")
    assert listed(library, "ada") == []
    assert library.get(f"/chats/{chat_id}/messages").status_code == 404
    assert library.get(f"/answers/{reply['message_id']}").status_code == 404
    assert library.delete(f"/chats/{chat_id}").status_code == 404


def test_where_nothing_runs_nothing_is_cancelled(library: TestClient) -> None:
    chat_id = ask(library)["chat_id"]
    response = library.post(f"/chats/{chat_id}/cancel")
    assert (response.status_code, response.json()) == (200, {"cancelled": False})
    assert texts(library, str(chat_id))[0] == ROTATION


ADDRESSES = [
    ("GET", "/chats/{}"),
    ("GET", "/chats/{}/messages"),
    ("PATCH", "/chats/{}"),
    ("DELETE", "/chats/{}"),
    ("POST", "/chats/{}/cancel"),
    ("GET", "/api/chat/{}/messages"),
]


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_a_chat_of_nobody_is_not_found(client: TestClient, method: str, path: str) -> None:
    told = {"title": "Mine"} if method == "PATCH" else None
    response = client.request(method, path.format("chat_none"), json=told)
    assert (response.status_code, response.json()["code"]) == (404, "chat_not_found")


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
@pytest.mark.parametrize("chat_id", ["x" * 4096, "a b", "a%00b", "%ED%A0%80", "%FF", "é"])
def test_what_can_be_no_id_is_said(
    client: TestClient, method: str, path: str, chat_id: str
) -> None:
    told = {"title": "Mine"} if method == "PATCH" else None
    response = client.request(method, path.format(chat_id), json=told)
    assert (response.status_code, response.json()["code"]) == (422, "validation_error")


def test_a_page_of_another_chat_is_not_found(library: TestClient) -> None:
    one, other = ask(library), ask(library)
    response = library.get(
        f"/chats/{one['chat_id']}/messages", params={"before": str(other["message_id"])}
    )
    assert (response.status_code, response.json()["code"]) == (404, "message_not_found")


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
