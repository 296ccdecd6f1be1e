"""Conversations over HTTP: imported from links and files, listed, shown, renamed, removed, exported."""

import json
from collections.abc import Iterator
from typing import Any, cast

import anyio
import httpx2
import pytest
from starlette.testclient import TestClient

from backend.settings.settings import Settings
from tests.backend.cli.conversations.test_conversations import CHAT
from tests.backend.http.chatting import ask, problem, texts
from tests.backend.http.conftest import candor, served
from tests.backend.http.keys import key_of, requiring
from tests.backend.http.test_conversations_summaries import until
from use_cases.kernel.model import Scope
from use_cases.kernel.ports import WebAnswer

Json = dict[str, Any]
ROOT = "/api/conversations"
ID = "0a1b2c3d-0000-4000-8000-00000000000f"
LINK = f"https://claude.ai/share/{ID}"
SNAPSHOT = {
    "uuid": ID,
    "snapshot_name": "Tea",
    "chat_messages": [{"uuid": "1", "sender": "human", "text": "Which tea?", "index": 0}],
}


class Provider:
    """Port `GuardedWeb` with one answer; it counts how often it is asked."""

    def __init__(self) -> None:
        self.answer = WebAnswer(200, "application/json", json.dumps(SNAPSHOT).encode())
        self.asked = 0

    async def get(self, _url: str) -> WebAnswer:
        self.asked += 1
        return self.answer

    async def post_json(self, url: str, body: bytes) -> WebAnswer:
        raise AssertionError(url, body)


def lines(answer: httpx2.Response) -> list[tuple[str, Any]]:
    """The events of a stream."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("application/x-ndjson")
    found = [cast("Json", json.loads(line)) for line in answer.text.splitlines()]
    return [(str(one["type"]), one["data"]) for one in found]


def upload(
    client: TestClient, *chats: object, headers: dict[str, str] | None = None, **fields: str
) -> list[tuple[str, Any]]:
    files = {"file": ("mine/chats.json", json.dumps(chats).encode(), "application/json")}
    return lines(client.post(f"{ROOT}/import", files=files, data=fields, headers=headers))


@pytest.fixture
def provider(client: TestClient) -> Provider:
    found = Provider()
    client.app.state.candor.conversations.share_web = found  # type: ignore[attr-defined]
    return found


def test_a_file_is_imported_as_lines(client: TestClient) -> None:
    (state, progress, done) = upload(client, CHAT, {"a": 1})
    assert state == ("state", "importing")
    kind, data = progress
    assert (kind, data["current"], data["conversation"]["outcome"]) == ("progress", 1, "created")
    kind, data = done
    assert (kind, data["outcomes"]) == ("done", {"created": 1})
    assert data["report"]["file"] == "chats.json"
    assert data["report"]["faults"][0]["place"] == "chats.json, item 2"
    chat_id = data["conversation_id"]
    page = client.get(ROOT).json()
    assert [one["id"] for one in page["conversations"]] == [chat_id]
    tree = client.get(f"{ROOT}/{chat_id}").json()
    assert (tree["source"], tree["leaf_id"]) == ("claude", tree["messages"][1]["id"])
    assert [one["parts"][0]["kind"] for one in tree["messages"]] == ["text", "unknown"]


def test_a_duplicate_is_a_conflict_until_the_request_decides(client: TestClient) -> None:
    chat_id = upload(client, CHAT)[-1][1]["conversation_id"]
    _, (kind, data), (_, done) = upload(client, CHAT)
    assert (kind, data["conversations"][0]["id"]) == ("conflict", chat_id)
    assert (done["conflicts"], done["conversation_id"]) == (1, None)
    again = upload(client, CHAT, duplicate_resolution="update_existing")[-1][1]
    assert again["outcomes"] == {"unchanged": 1}
    apart = upload(client, CHAT, duplicate_resolution="create_new")[-1][1]
    assert apart["conversation_id"] != chat_id
    gone = upload(
        client, CHAT, duplicate_resolution="update_existing", target_conversation_id="chat_none"
    )
    assert gone[-1] == (
        "error",
        {
            "code": "CONVERSATION_NOT_FOUND",
            "message": "No conversation has the id 'chat_none'.",
            "hint": "`candor conversations` lists yours.",
        },
    )


def test_a_chat_that_is_too_long_for_the_model_asks_for_a_summary(client: TestClient) -> None:
    said = {"uuid": "1", "sender": "human", "text": "Keys are rotated every day. " * 1000}
    long = {**CHAT, "chat_messages": [said]}
    _, (kind, data), (_, done) = upload(client, long, llm_provider="openai", llm_model="gpt-4")
    assert (kind, data["tokens"], data["limit"]) == ("model_limit_conflict", 7000, 4192)
    assert "openai:gpt-4 has room for 4,192" in data["message"]
    assert "accept_summarization" in data["suggestion"]
    assert (done["too_long"], done["conversation_id"]) == (1, None)
    assert client.get(ROOT).json()["conversations"] == []
    found = upload(client, long, accept_summarization="true", llm_model="openai:gpt-4")
    assert [kind for kind, _ in found] == ["state", "progress", "state", "done"]
    assert found[2] == ("state", "summarizing")
    place = f"{ROOT}/{found[-1][1]['conversation_id']}/imported_chat_summary"
    until(lambda: cast("Json", client.get(place).json()), lambda one: bool(one["summary"]))


def test_a_share_link_is_imported_once(client: TestClient, provider: Provider) -> None:
    asked = {"url": LINK, "llm_model": "gpt-4o", "llm_provider": "openai"}
    answer = client.post(f"{ROOT}/import", json=asked)
    (kind, done) = lines(answer)[-1]
    assert (kind, done["outcomes"]) == ("done", {"created": 1})
    found = client.get(f"{ROOT}/{done['conversation_id']}").json()
    assert (found["url"], found["title"], found["source"]) == (LINK, "Tea", "claude")
    again = lines(client.post(f"{ROOT}/import", json=asked))
    assert [kind for kind, _ in again] == ["state", "conflict", "done"]
    assert provider.asked == 1


def test_a_provider_that_refuses_is_the_last_line(client: TestClient, provider: Provider) -> None:
    for status, code in (
        *((404, "CHAT_NOT_FOUND"), (403, "PROVIDER_BLOCKED"), (500, "UPSTREAM_FAILED")),
    ):
        provider.answer = WebAnswer(status, "text/html", b"<p>no</p>")
        (kind, data) = lines(client.post(f"{ROOT}/import", json={"url": LINK}))[-1]
        assert (kind, data["code"]) == ("error", code)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"url": "https://evil.example/share/1"}, "share_link_unsupported"),
        ({"url": f"http://127.0.0.1/share/{ID}"}, "share_link_unsupported"),
        ({}, "validation_error"),
        ({"url": LINK, "duplicate_resolution": "maybe"}, "validation_error"),
        ({"url": LINK, "target_conversation_id": "chat_1"}, "invalid_input"),
        ([], "validation_error"),
    ],
)
def test_a_wrong_request_is_answered_with_a_status(
    shared: TestClient, body: object, code: str
) -> None:
    assert problem(shared.post(f"{ROOT}/import", json=body)) == (422, code)


def test_other_bodies_are_refused(shared: TestClient) -> None:
    client = shared
    plain = client.post(f"{ROOT}/import", content=b"url=x", headers={"Content-Type": "text/plain"})
    assert plain.status_code == 415
    nothing = client.post(f"{ROOT}/import", files={"other": ("a", b"{}")})
    assert nothing.json()["code"] == "invalid_input"
    broken = client.post(f"{ROOT}/import", files={"file": ("a.json", b"")})
    assert lines(broken)[-1][1]["message"] == "a.json is empty."


def test_one_is_renamed_exported_and_removed(client: TestClient) -> None:
    chat_id = upload(client, CHAT)[-1][1]["conversation_id"]
    renamed = client.patch(f"{ROOT}/{chat_id}", json={"title": " Green  tea "})
    assert renamed.json()["title"] == "Green tea"
    assert client.patch(f"{ROOT}/{chat_id}", json={"title": " "}).status_code == 422
    exported = client.get(f"{ROOT}/{chat_id}/export").json()
    assert (exported["format"], exported["title"]) == ("candor.conversation/1", "Green tea")
    assert "belongings" not in exported
    assert client.delete(f"{ROOT}/{chat_id}").status_code == 204
    assert client.get(f"{ROOT}/{chat_id}").json()["code"] == "conversation_not_found"
    again = upload(client, exported)[-1][1]
    assert again["outcomes"] == {"created": 1}


def test_a_conversation_for_a_reader_runs_nothing_and_loads_nothing(client: TestClient) -> None:
    hostile = "<script>alert(1)</script> ![x](https://evil.example/p.png) [y](javascript:alert(1))"
    said = [{"role": "user", "content": hostile}]
    plain = {"format": "candor.conversation/1", "id": "t", "title": "<b>Tea", "messages": said}
    place = f"{ROOT}/{upload(client, plain)[-1][1]['conversation_id']}/export"
    page = client.get(place, params={"format": "html"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-disposition"] == 'attachment; filename="conversation.html"'
    assert page.headers["content-security-policy"].endswith("; sandbox")
    body = page.text.partition('<main class="page wide">')[2].rpartition("</main>")[0]
    assert "&lt;script&gt;" in body
    assert "<h1>&lt;b&gt;Tea</h1>" in body
    assert not any(one in body for one in ("<script", "<img", 'href="javascript'))
    text = client.get(place, params={"format": "markdown"}).text
    assert text.startswith("# <b>Tea\n\nplain · ")
    assert hostile in text


def test_a_chat_that_began_here_is_one_of_them(client: TestClient) -> None:
    chat_id = ask(client)["chat_id"]
    tree = client.get(f"{ROOT}/{chat_id}").json()
    assert (tree["source"], len(tree["messages"])) == (None, 2)
    assert client.get(f"{ROOT}/{chat_id}/export").json()["source"] == "candor"


def test_a_branch_is_shown_and_gone_on_from_any_message(client: TestClient) -> None:
    said = [
        {"id": "0", "parent_id": None, "role": "system", "content": "Be kind."},
        {"id": "1", "parent_id": "0", "role": "user", "content": "Which tea?"},
        {"id": "2", "parent_id": "1", "role": "assistant", "content": "Green."},
        {"id": "3", "parent_id": "1", "role": "assistant", "content": "Black."},
    ]
    plain = {"format": "candor.conversation/1", "id": "t", "messages": said, "current_id": "2"}
    chat_id = upload(client, plain)[-1][1]["conversation_id"]
    place = f"{ROOT}/{chat_id}"

    def shown() -> list[str]:
        tree = client.get(place).json()
        return [one["content"] for one in tree["messages"] if one["is_shown"]]

    names = {one["source_id"]: one["id"] for one in client.get(place).json()["messages"]}
    assert shown() == ["Be kind.", "Which tea?", "Green."]
    switched = client.patch(place, json={"leaf_id": names["3"], "title": "Tea"}).json()
    assert (switched["title"], shown()[-1]) == ("Tea", "Black.")
    client.patch(place, json={"leaf_id": names["2"]})
    answer = ask(client, chat_id=chat_id, message="Hello!", after=names["3"])
    assert client.get(place).json()["leaf_id"] == answer["message_id"]
    assert shown()[:4] == ["Be kind.", "Which tea?", "Black.", "Hello!"]
    assert texts(client, chat_id)[:3] == ["Which tea?", "Black.", "Hello!"]
    wrong = client.patch(place, json={"leaf_id": "msg_none"})
    assert problem(wrong) == (404, "conversation_message_not_found")
    assert client.patch(place, json={}).status_code == 422
    lost = {"user_id": "local", "message": "?", "chat_id": chat_id, "after": "msg_none"}
    assert problem(client.post("/chat", json=lost)) == (404, "message_not_found")


@pytest.fixture
def locked(settings: Settings) -> Iterator[TestClient]:
    with served(requiring(settings)) as client:
        yield client


def test_conversations_are_ones_own_and_need_the_scope(
    locked: TestClient, settings: Settings
) -> None:
    anna, boris = (key_of(settings, user, Scope.CONVERSATIONS) for user in ("anna", "boris"))
    chat_id = upload(locked, CHAT, headers=anna)[-1][1]["conversation_id"]
    assert locked.get(f"{ROOT}/{chat_id}", headers=anna).status_code == 200
    assert locked.get(ROOT, params={"before": chat_id}, headers=boris).status_code == 404
    assert locked.get(ROOT, headers=boris).json()["conversations"] == []
    assert upload(locked, CHAT, headers=boris)[-1][1]["outcomes"] == {"created": 1}


def switch_off(settings: Settings, user: str) -> None:
    """Deactivate a user, as another process would."""

    async def change() -> None:
        async with candor(settings) as changing:
            await changing.identity.manage_users.change(user, active=False)

    anyio.run(change)


def test_slack_imports_for_a_user_after_its_key_was_checked(
    locked: TestClient, settings: Settings
) -> None:
    provider = Provider()
    locked.app.state.candor.conversations.share_web = provider  # type: ignore[attr-defined]
    asked = {"url": LINK, "user_id": "anna"}
    anna, person = key_of(settings, "anna"), key_of(settings, "boris", Scope.CONVERSATIONS)
    for headers in ({}, person):
        refused = locked.post(f"{ROOT}/import-slack", json=asked, headers=headers)
        assert refused.status_code in (401, 403)
    service = key_of(settings, "slack", Scope.SERVICE)
    switch_off(settings, "boris")
    for user in ("nobody", "boris"):
        answer = locked.post(
            f"{ROOT}/import-slack", json={**asked, "user_id": user}, headers=service
        )
        assert problem(answer) == (404, "user_not_found")
    assert provider.asked == 0
    stored = locked.post(f"{ROOT}/import-slack", json=asked, headers=service)
    assert stored.json()["outcome"] == "created"
    again = locked.post(f"{ROOT}/import-slack", json=asked, headers=service)
    assert (again.json()["id"], again.json()["outcome"]) == (stored.json()["id"], "unchanged")
    page = locked.get(ROOT, headers=anna).json()
    assert [one["id"] for one in page["conversations"]] == [stored.json()["id"]]
    asking = {**asked, "duplicate_resolution": "prompt"}
    assert locked.post(f"{ROOT}/import-slack", json=asking, headers=service).status_code == 422
    provider.answer = WebAnswer(404, "text/html", b"")
    gone = locked.post(f"{ROOT}/import-slack", json=asked, headers=service)
    assert problem(gone) == (404, "shared_chat_not_found")
