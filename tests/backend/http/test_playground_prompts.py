"""Prompts over HTTP: versions, labels, differences; and what chat and advice make of them."""

from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from pydantic_ai.messages import ModelMessage, ModelRequest
from pydantic_ai.models.function import AgentInfo
from starlette.testclient import TestClient

from backend.settings.settings import Settings
from tests.backend.http.advised import WRITTEN, asking, writing
from tests.backend.http.chatting import Json, ask, problem
from tests.backend.http.conftest import served
from tests.backend.http.keys import bearing, make_key, requiring
from tests.backend.http.scripted import scripted
from use_cases.kernel.model import Scope

PROMPTS = "/api/v1/prompts"
CHAT = f"{PROMPTS}/chat.answer"
ADVICE = f"{PROMPTS}/advice.general.default"


def system(text: str, **more: Any) -> Json:
    """The content of instructions."""
    return {"messages": [{"role": "system", "content": text}], **more}


def saved(client: TestClient, path: str, content: Json, status: int = 201) -> Json:
    """A version that was saved."""
    response = client.post(f"{path}/versions", json=content)
    assert response.status_code == status, response.text
    return cast("Json", response.json())


def promoted(client: TestClient, path: str, version: int, **more: Any) -> Json:
    """The move of the label `production`."""
    response = client.put(f"{path}/labels/production", json={"version": version, **more})
    assert response.status_code == 200, response.text
    return cast("Json", response.json())


@pytest.fixture
def prompt(shared: TestClient) -> str:
    """The address of a prompt without versions."""
    return f"{PROMPTS}/{shared.post(PROMPTS, json={'name': 'Summary'}).json()['id']}"


def test_prompts_are_found_by_tag_and_text(client: TestClient) -> None:
    prompt = f"{PROMPTS}/{client.post(PROMPTS, json={'name': 'Summary'}).json()['id']}"
    changed = client.patch(prompt, json={"tags": ["b", "a"], "revision": 1}).json()
    assert (changed["tags"], changed["name"], changed["revision"]) == (["a", "b"], "Summary", 2)
    assert client.put(prompt, json={"name": "x", "revision": 1}).status_code == 409
    client.post(PROMPTS, json={"name": "Other", "tags": ["a"]})
    for params, names in (
        ({"tag": "a"}, ["Other", "Summary"]),
        ({"tag": "b"}, ["Summary"]),
        ({"text": "oth"}, ["Other"]),
        ({"limit": 1}, ["Other"]),
        ({"skip": 1}, ["Summary"]),
    ):
        found = client.get(PROMPTS, params=params)
        assert [each["name"] for each in found.json()] == names
    assert client.delete(prompt).status_code == 204
    assert client.get(prompt).status_code == 404


def test_the_same_content_is_the_same_version(shared: TestClient, prompt: str) -> None:
    found = shared.get(prompt).json()
    assert (found["version_count"], found["latest_version"], found["purpose"]) == (0, None, None)
    content: Json = {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Sum up {{text}}"},
        ],
        "variables": [{"name": "text", "type": "string", "default": "nothing"}],
        "settings": {"temperature": 0.5},
        "message": "first",
    }
    first = saved(shared, prompt, content)
    assert (first["version_number"], first["message"], first["syntax"]) == (1, "first", "plain")
    assert saved(shared, prompt, content | {"message": "second"}, 200) == first
    assert saved(shared, prompt, system("Other."))["version_number"] == 2
    assert [each["version_number"] for each in shared.get(f"{prompt}/versions").json()] == [2, 1]
    assert shared.get(f"{prompt}/versions/1").json() == first
    assert shared.get(f"{prompt}/versions/latest").json()["version_number"] == 2
    assert problem(shared.get(f"{prompt}/versions/3")) == (404, "prompt_not_found")
    found = shared.get(prompt).json()
    assert (found["version_count"], found["latest_version"]) == (2, 2)


@pytest.mark.parametrize(
    "content",
    [
        {"messages": []},
        {"messages": [{"role": "tool", "content": "x"}]},
        {},
        system("x", settings={"temperature": "hot"}),
        system("x", variables=[{"name": "a"}, {"name": "a"}]),
        system("x", syntax="erb"),
        system("x" * 200_001),
    ],
)
def test_a_content_must_be_usable(shared: TestClient, prompt: str, content: Json) -> None:
    assert shared.post(f"{prompt}/versions", json=content).status_code == 422
    assert shared.get(prompt).json()["version_count"] == 0


def test_versions_are_compared_word_by_word(shared: TestClient, prompt: str) -> None:
    saved(shared, prompt, system("Be brief and kind.", settings={"top_p": 1, "seed": 1}))
    user = {"role": "user", "content": "Go."}
    second = system("Be very kind.", settings={"temperature": 0, "seed": 1})
    second["messages"].append(user)
    saved(shared, prompt, second | {"variables": [{"name": "a"}], "syntax": "mustache"})
    found = shared.get(f"{prompt}/versions/1/diff/2").json()
    assert (found["before"], found["after"], found["same"]) == (1, 2, False)
    first, added = found["messages"]
    assert first["pieces"] == [
        {"edit": "same", "text": "Be"},
        {"edit": "removed", "text": " brief and"},
        {"edit": "added", "text": " very"},
        {"edit": "same", "text": " kind."},
    ]
    assert (added["before"], added["after"]) == (None, "user")
    assert added["pieces"] == [{"edit": "added", "text": "Go."}]
    assert [each["name"] for each in found["variables"]] == ["a"]
    assert [(each["name"], each["before"], each["after"]) for each in found["settings"]] == [
        ("syntax", "plain", "mustache"),
        ("temperature", None, 0),
        ("top_p", 1, None),
    ]
    same = shared.get(f"{prompt}/versions/2/diff/latest").json()
    assert (same["same"], same["variables"], same["settings"]) == (True, [], [])


def test_purposes_are_listed_with_their_built_in_texts(shared: TestClient) -> None:
    types = {each["purpose"]: each for each in shared.get("/api/v1/prompt-types").json()}
    assert {"chat.answer", "advice.general.default"} <= types.keys()
    chat = types["chat.answer"]
    assert (chat["in_use"], chat["version_count"], chat["latest_version"]) == (0, 0, None)
    shipped = shared.get(f"{CHAT}/versions/0").json()
    assert shipped["messages"] == chat["built_in"]
    assert shared.get(f"{CHAT}/versions/production").json()["version_number"] == 0
    assert shared.get(f"{CHAT}/versions/0/diff/production").json()["same"]
    assert shared.get(CHAT).json()["purpose"] == "chat.answer"
    assert shared.get(f"{CHAT}/labels").json() == []


def test_labels_move_by_comparison_and_leave_a_history(shared: TestClient, prompt: str) -> None:
    production, staging = f"{prompt}/labels/production", f"{prompt}/labels/staging"
    for text in ("One.", "Two."):
        saved(shared, prompt, system(text))
    first = promoted(shared, prompt, 1, expected_version=0, reason="begin")
    assert (first["from_version"], first["to_version"], first["author"]) == (None, 1, "local")
    promoted(shared, prompt, 2, expected_version=1)
    shared.put(staging, json={"version": 1})
    assert shared.get(f"{prompt}/labels").json() == [
        {"label": "production", "version": 2},
        {"label": "staging", "version": 1},
    ]
    for path, body, refusal in (
        (production, {"version": 2, "expected_version": 0}, (409, "label_moved")),
        (production, {"version": 1, "evidence": "job_1"}, (404, "job_not_found")),
        (production, {"version": 1, "margin": 0.1}, (422, "invalid_input")),
        (production, {"version": 1, "margin": 1}, (422, "validation_error")),
        (production, {"version": 1, "margin": "0.1"}, (422, "validation_error")),
        (f"{prompt}/labels/latest", {"version": 1}, (422, "prompt_invalid")),
        (f"{prompt}/labels/x", {"version": 9}, (404, "prompt_not_found")),
        (f"{prompt}/labels/x", {"version": 0}, (404, "prompt_not_found")),
    ):
        assert problem(shared.put(path, json=body)) == refusal, body
    back = shared.post(f"{prompt}/rollback", json={})
    assert (back.status_code, back.json()["to_version"]) == (200, 1)
    assert shared.delete(staging).status_code == 204
    assert shared.delete(staging).status_code == 404
    history = shared.get(f"{prompt}/history", params={"label": "production"}).json()
    moves = [(each["from_version"], each["to_version"], each["reason"]) for each in history]
    assert moves == [(2, 1, "back from version 2"), (1, 2, ""), (None, 1, "begin")]
    assert len(shared.get(f"{prompt}/history", params={"limit": 2}).json()) == 2


def test_the_label_production_needs_its_scope(settings: Settings) -> None:
    keyed = requiring(settings)
    with served(keyed) as client:
        client.headers.update(bearing(make_key(keyed, scopes=(Scope.PLAYGROUND,))))
        assert saved(client, CHAT, system("Be kind."))["version_number"] == 1
        assert client.put(f"{CHAT}/labels/staging", json={"version": 1}).status_code == 200
        refused = client.put(f"{CHAT}/labels/production", json={"version": 1})
        assert problem(refused) == (403, "label_protected")
        assert client.delete(CHAT).status_code == 403
        client.headers.update(bearing(make_key(keyed, "boris")))
        assert promoted(client, CHAT, 1)["author"] == "boris"


def test_what_would_break_chat_never_becomes_a_version_of_it(shared: TestClient) -> None:
    refused = shared.post(f"{CHAT}/versions", json=system("Answer {{question}}."))
    assert problem(refused) == (422, "prompt_invalid")
    assert shared.get(CHAT).json()["version_count"] == 0


def instructions(messages: list[ModelMessage]) -> str:
    """The instructions of the last request."""
    return next(
        each.instructions or "" for each in reversed(messages) if isinstance(each, ModelRequest)
    )


def test_chat_uses_a_promoted_version_from_the_next_turn_on(settings: Settings) -> None:
    seen: list[tuple[str, object]] = []

    async def answering(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str]:
        seen.append((instructions(messages), (info.model_settings or {}).get("temperature")))
        yield "Hello."

    with scripted(settings, answering) as client:
        shipped = ask(client)
        saved(client, CHAT, system("Speak like a pirate.", settings={"temperature": 0.25}))
        assert ask(client)["prompt_version"] == shipped["prompt_version"]
        promoted(client, CHAT, 1)
        reply = ask(client)
        assert reply["prompt_version"] == "chat.answer@1"
        assert client.get(f"/answers/{reply['message_id']}").json()["prompt_version"] == (
            "chat.answer@1"
        )
        assert "pirate" in seen[-1][0]
        assert seen[-1][1] == 0.25
        assert client.post(f"{CHAT}/rollback", json={}).json()["to_version"] is None
        assert ask(client)["prompt_version"] == shipped["prompt_version"]
        assert seen[-1] == seen[0]


def test_advice_uses_a_promoted_version_from_the_next_question_on(settings: Settings) -> None:
    def advised(client: TestClient) -> str:
        response = client.post("/advice-non-streaming", json=asking())
        assert response.status_code == 200, response.text
        record = client.get(f"/advice/{response.json()['response_id']}").json()
        return str(record["prompt_version"])

    with scripted(settings, writing(WRITTEN)) as client:
        shipped = advised(client)
        saved(client, ADVICE, system("Advise to wait."))
        promoted(client, ADVICE, 1)
        assert advised(client).startswith("advice.general.default@1")
        client.delete(f"{ADVICE}/labels/production")
        assert advised(client) == shipped
