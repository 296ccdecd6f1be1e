"""Trying a prompt over HTTP, and the default models: which model answers when."""

import json
from collections.abc import Callable
from typing import Any

import anyio
import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from backend.settings.settings import Settings
from tests.backend.http.chatting import Json, ask
from tests.backend.http.conftest import candor, served
from tests.backend.http.keys import bearing, make_key, requiring
from use_cases.kernel.model import Scope

COMPILE, RUN = "/api/v1/playground/compile", "/api/v1/playground/run"
TRY = "/api/v1/playground/ask"
DEFAULTS = "/api/v1/model-defaults"


def user(text: str, **more: Any) -> Json:
    """A prompt of one message."""
    return {"messages": [{"role": "user", "content": text}], **more}


def system(text: str, **more: Any) -> Json:
    """Instructions, and what they are tried on."""
    return {"messages": [{"role": "system", "content": text}], **more}


def test_values_are_put_into_messages_and_never_read_as_templates(shared: TestClient) -> None:
    body = user("{{a}}, {{ b.c }}", variables={"a": "{{b}}", "b": {"c": [1, "ü"]}})
    found = shared.post(COMPILE, json=body)
    assert found.status_code == 200, found.text
    assert found.json() == {
        "messages": [{"role": "user", "content": '{{b}}, [1, "ü"]'}],
        "variables": ["a", "b"],
    }


@pytest.mark.parametrize("syntax", ["plain", "mustache", "jinja2"])
def test_half_a_character_in_a_value_is_replaced(shared: TestClient, syntax: str) -> None:
    head = {"Content-Type": "application/json"}
    text = "a {{{x}}}" if syntax == "mustache" else "a {{x}}"
    body = user(text, syntax=syntax, variables={"x": "\ud83d \ud83d\ude00"})
    for path, more in ((COMPILE, {}), (RUN, {"model": "echo"})):
        found = shared.post(path, content=json.dumps(body | more), headers=head)
        assert found.status_code == 200, found.text
        assert found.json()["messages"][0]["content"] == "a \ufffd 😀"


def test_settings_may_stand_beside_the_others(shared: TestClient) -> None:
    with_both = {"temperature": 0, "max_tokens": 5, "top_p": 1, "settings": {"temperature": 1}}
    found = shared.post(RUN, json=user("Hello", model="offline:echo", **with_both))
    assert found.status_code == 200, found.text
    prompt = shared.post("/api/v1/prompts", json={"name": "q"}).json()["id"]
    made = shared.post(f"/api/v1/prompts/{prompt}/versions", json=user("Hello", **with_both))
    assert made.status_code == 201, made.text
    assert made.json()["settings"] == {"temperature": 0, "max_tokens": 5, "top_p": 1}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (user("{{a}} {{b}}", variables={"c": 1, "d": 2}), "variables_invalid"),
        (user("a", variables={"\ud800": "b"}), "variables_invalid"),
        (user("{{a b!}}"), "template_invalid"),
        (user("Hello", model="offline:echo", temperature="warm"), "validation_error"),
        ({"messages": []}, "validation_error"),
    ],
)
def test_what_cannot_be_run_is_refused(shared: TestClient, body: Json, code: str) -> None:
    head = {"Content-Type": "application/json"}
    for path in (COMPILE, RUN):
        refused = shared.post(path, content=json.dumps(body), headers=head)
        assert (refused.status_code, refused.json()["code"]) == (422, code)


def test_a_prompt_is_run_once(client: TestClient) -> None:
    body = user("Hello {{name}}", variables={"name": "Ada"}, model="offline:echo")
    found = client.post(RUN, json=body)
    assert found.status_code == 200, found.text
    reply = found.json()
    assert set(reply) == {
        *("output", "model", "finish_reason", "latency_ms", "messages"),
        *("prompt_tokens", "completion_tokens", "total_tokens", "cost_usd"),
    }
    assert "Hello Ada" in reply["output"]
    assert (reply["model"], reply["cost_usd"]) == ("offline:echo", 0)
    assert reply["messages"] == [{"role": "user", "content": "Hello Ada"}]
    assert client.get("/answers").json()["answers"] == []


def test_a_run_counts_as_a_question_and_is_charged(settings: Settings) -> None:
    keyed = requiring(settings, rate_limit_per_minute=2)
    key = make_key(keyed, scopes=(Scope.PLAYGROUND,))
    with served(keyed) as client:
        client.headers.update(bearing(key))
        body = user("Hello", model="offline:echo")
        assert [client.post(RUN, json=body).status_code for _ in range(3)] == [200, 200, 429]
        assert client.get(DEFAULTS).status_code == 200
        for refused in (
            client.put(f"{DEFAULTS}/advice", json={"model": "offline:echo"}),
            client.delete(f"{DEFAULTS}/advice"),
        ):
            assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")

    async def answers() -> int:
        async with candor(keyed) as reading:
            use = await reading.identity.show_key_use.run([key.key])
            return use.used[key.key.key_id].answers

    assert anyio.run(answers) == 2


def test_instructions_are_tried_on_a_question_and_recorded_nowhere(client: TestClient) -> None:
    body = system("Be brief.", question="What is the gate code?", model="offline:extractive")
    found = client.post(TRY, json=body)
    assert found.headers["x-vercel-ai-ui-message-stream"] == "v1"
    chunks = [
        json.loads(line[6:]) for line in found.text.splitlines() if line.startswith("data: {")
    ]
    assert chunks[0]["type"] == "start"
    said = "".join(chunk["delta"] for chunk in chunks if chunk["type"] == "text-delta")
    assert "I can't find this in the knowledge base." in said
    (facts,) = [chunk["messageMetadata"] for chunk in chunks if "outcome" in str(chunk)]
    assert (facts["model"], facts["prompt_version"]) == ("offline:extractive", "tried")
    assert client.get("/answers").json()["answers"] == []
    assert client.get("/chats").json()["chats"] == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (user("Be brief.", question="Who?"), "prompt_invalid"),
        (system("Say {{x}}.", question="Who?"), "prompt_invalid"),
        (system("Be brief.", question=" "), "question_empty"),
        (system("Be brief.", question="Who?", model="nothing:at-all"), "model_unknown"),
        (system("Be brief.", question="Who?", category="none-such"), "category_unknown"),
        (system("Be brief."), "validation_error"),
    ],
)
def test_what_cannot_be_tried_is_refused(shared: TestClient, body: Json, code: str) -> None:
    found = shared.post(TRY, json=body)
    assert (found.status_code, found.json()["code"]) == (422, code)


def test_a_try_out_needs_two_scopes_counts_as_a_question_and_is_charged(settings: Settings) -> None:
    keyed = requiring(settings, rate_limit_per_minute=1, openai_api_key=SecretStr("sk-x"))
    body = system("Be brief.", question="Who?", model="offline:extractive")
    both = make_key(keyed, scopes=(Scope.PLAYGROUND, Scope.CHAT))
    with served(keyed) as client:
        for scope in (Scope.PLAYGROUND, Scope.CHAT):
            headers = bearing(make_key(keyed, scopes=(scope,)))
            assert client.post(TRY, json=body, headers=headers).json()["code"] == "scope_missing"
        costly = client.post(
            TRY,
            json=body | {"model": "openai:gpt-4.1"},
            headers=bearing(make_key(keyed, scopes=(Scope.PLAYGROUND, Scope.CHAT))),
        )
        assert costly.json()["code"] == "model_not_allowed"
        tried = [client.post(TRY, json=body, headers=bearing(both)) for _ in range(2)]
        assert [each.status_code for each in tried] == [200, 429]

    async def answers() -> int:
        async with candor(keyed) as reading:
            use = await reading.identity.show_key_use.run([both.key])
            return use.used[both.key.key_id].answers

    assert anyio.run(answers) == 1


def stored(client: TestClient) -> dict[str, str | None]:
    """The stored default model of each purpose."""
    found = client.get(DEFAULTS)
    assert found.status_code == 200, found.text
    return {each["purpose"]: each["model"] for each in found.json()}


def test_default_models_are_stored_by_purpose(client: TestClient) -> None:
    own = ("chat.answer", "advice", "judge", "playground")
    drafts = ("project_draft_chat", "project_draft_generation")
    nothing = dict.fromkeys((*own, *drafts, "conversation_summary"))
    assert stored(client) == nothing
    put = client.put(f"{DEFAULTS}/judge", json={"model": " offline:echo "})
    assert (put.status_code, put.json()["model"], put.json()["author"]) == (
        200,
        "offline:echo",
        "local",
    )
    assert stored(client) == nothing | {"judge": "offline:echo"}
    assert client.delete(f"{DEFAULTS}/judge").status_code == 204
    assert stored(client) == nothing
    for missing in (client.delete(f"{DEFAULTS}/judge"), client.delete(f"{DEFAULTS}/nothing")):
        assert (missing.status_code, missing.json()["code"]) == (404, "model_default_not_found")


@pytest.mark.parametrize(
    ("model", "code"),
    [
        ("nothing:at-all", "model_unknown"),
        ("openai:gpt-4.1", "model_not_configured"),
        (" ", "prompt_invalid"),
    ],
)
def test_a_default_model_must_be_usable(client: TestClient, model: str, code: str) -> None:
    refused = client.put(f"{DEFAULTS}/advice", json={"model": model})
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert stored(client)["advice"] is None


def chatted(client: TestClient, **more: Any) -> str:
    """The model that answered a question."""
    return str(ask(client, **more)["model"])


def tried(client: TestClient, **more: Any) -> str:
    """The model that completed a prompt."""
    return str(client.post(RUN, json=user("Hello", **more)).json()["model"])


@pytest.mark.parametrize(("purpose", "used"), [("chat.answer", chatted), ("playground", tried)])
def test_a_model_is_that_of_the_request_else_the_stored_else_the_environments_else_built_in(
    settings: Settings, purpose: str, used: Callable[..., str]
) -> None:
    with served(settings) as client:
        assert used(client) == "offline:extractive"  # built in: no key, no setting
    with served(settings.model_copy(update={"chat_model": "offline:adviser"})) as client:
        assert used(client) == "offline:adviser"
        client.put(f"{DEFAULTS}/{purpose}", json={"model": "offline:echo"})
        assert used(client) == "offline:echo"
        assert used(client, model="offline:extractive") == "offline:extractive"
        client.delete(f"{DEFAULTS}/{purpose}")
        assert used(client) == "offline:adviser"


def test_a_stored_default_may_be_a_model_that_requests_may_not_name(settings: Settings) -> None:
    keyed = requiring(
        settings, openai_api_key=SecretStr("planted"), chat_model="offline", chat_models=()
    )
    with served(keyed) as client:
        client.headers.update(bearing(make_key(keyed)))
        assert client.put(f"{DEFAULTS}/judge", json={"model": "gpt-4.1"}).status_code == 200
        named = client.post(RUN, json=user("Hello", model="gpt-4.1"))
        assert (named.status_code, named.json()["code"]) == (403, "model_not_allowed")
