"""Prompts and default models by type: other doors to the one registry."""

import anyio
import pytest
from starlette.testclient import TestClient

from backend.settings.settings import Settings
from tests.backend.http.conftest import candor, served
from tests.backend.http.keys import bearing, make_key, requiring
from tests.services.models.test_catalogue import CHAT_MODEL
from use_cases.kernel.model import Caller, Scope
from use_cases.kernel.prompts.manage_prompts import LabelProtected

PROMPT = "/api/llm-prompts/chat.answer"
DEFAULT = "/api/llm-defaults/chat.answer"
CONVERSATIONS = ("project_draft_chat", "project_draft_generation", "conversation_summary")
TEXT = "Answer kindly, from the sources."


def test_a_prompt_is_replaced_and_given_back(client: TestClient) -> None:
    shipped = client.get(f"{PROMPT}/default").json()
    assert shipped == client.get(PROMPT).json()
    assert (shipped["prompt_type"], shipped["is_default"]) == ("chat.answer", True)
    assert shipped["version"] == 0
    assert shipped["created_by"] is shipped["created_at"] is None
    made = client.post(PROMPT, json={"system_prompt": TEXT})
    assert made.status_code == 200, made.text
    found = client.get(PROMPT).json()
    assert found == made.json()
    assert (found["system_prompt"], found["version"], found["is_default"]) == (TEXT, 1, False)
    assert found["created_by"] == "local"
    assert client.get(f"{PROMPT}/default").json() == shipped
    # The same registry has it, in production.
    version = client.get("/api/v1/prompts/chat.answer/versions/production").json()
    assert version["messages"] == [{"role": "system", "content": TEXT}]
    for _ in range(2):
        assert client.delete(PROMPT).status_code == 204
    assert client.get(PROMPT).json() == shipped
    again = client.post(PROMPT, json={"system_prompt": TEXT}).json()
    assert again["version"] == 1  # the same text is the same version
    back = client.post(PROMPT, json={"system_prompt": shipped["system_prompt"]}).json()
    assert (back["version"], back["is_default"]) == (0, True)
    assert client.get(PROMPT).json() == shipped


def test_every_purpose_of_the_product_is_a_type(client: TestClient) -> None:
    types = [each["purpose"] for each in client.get("/api/v1/prompt-types").json()]
    assert set(types) >= {"chat.answer", *CONVERSATIONS}
    for each in CONVERSATIONS:
        assert client.get(f"/api/llm-defaults/{each}").json()["llm_provider"] == "offline"
    for each in types:
        assert client.get(f"/api/llm-prompts/{each}").json()["prompt_type"] == each


def test_a_prompt_of_ones_own_is_no_type(client: TestClient) -> None:
    own = client.post("/api/v1/prompts", json={"name": "Summary"}).json()["id"]
    for name in (own, "nothing", "chat.answer@1"):
        for method, path in (("GET", ""), ("GET", "/default"), ("POST", ""), ("DELETE", "")):
            body = {"system_prompt": TEXT} if method == "POST" else None
            response = client.request(method, f"/api/llm-prompts/{name}{path}", json=body)
            assert response.status_code in {404, 422}, (name, method)
            if name != "chat.answer@1":
                assert response.json()["code"] == "prompt_not_found"


@pytest.mark.parametrize("text", ["", "   ", "Say {{name}}."])
def test_a_prompt_that_cannot_be_used_changes_nothing(client: TestClient, text: str) -> None:
    response = client.post(PROMPT, json={"system_prompt": text})
    assert response.status_code == 422
    assert client.get(PROMPT).json()["version"] == 0


def test_a_default_model_is_chosen(client: TestClient) -> None:
    first = client.get(DEFAULT).json()
    assert first == {
        "prompt_type": "chat.answer",
        "llm_provider": "offline",
        "llm_model": "extractive",
        "is_default": True,
        "updated_by": None,
        "updated_at": None,
    }
    stored = client.put(DEFAULT, json={"llm_provider": "offline", "llm_model": "echo"})
    assert stored.status_code == 200, stored.text
    found = client.get(DEFAULT).json()
    assert found == stored.json()
    assert (found["llm_model"], found["is_default"], found["updated_by"]) == (
        "echo",
        False,
        "local",
    )
    (named,) = [
        each
        for each in client.get("/api/v1/model-defaults").json()
        if each["purpose"] == "chat.answer"
    ]
    assert named["model"] == "offline:echo"


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        (DEFAULT, {"llm_provider": "openai", "llm_model": "gpt-4.1"}, "model_not_configured"),
        (DEFAULT, {"llm_provider": "nobody", "llm_model": "x"}, "model_unknown"),
        (DEFAULT, {"llm_provider": "offline", "llm_model": "a b"}, "validation_error"),
        (DEFAULT, {"llm_provider": "Offline:", "llm_model": "echo"}, "validation_error"),
        (
            "/api/llm-defaults/nothing",
            {"llm_provider": "offline", "llm_model": "echo"},
            "model_default_not_found",
        ),
    ],
)
def test_a_model_that_cannot_be_used_is_refused(
    client: TestClient, path: str, body: dict[str, str], code: str
) -> None:
    assert client.put(path, json=body).json()["code"] == code
    assert client.get(DEFAULT).json()["is_default"] is True


def test_the_model_of_advice_is_its_own(settings: Settings) -> None:
    named = settings.model_copy(update={"openai_default_model": "offline:echo"})
    with served(named) as client:
        assert client.get("/api/llm-defaults/advice").json()["llm_model"] == "echo"
        assert client.get("/api/llm-defaults/judge").json()["llm_model"] == "extractive"
        assert client.get("/api/llm-defaults/nothing").json()["code"] == "model_default_not_found"


def test_the_providers_are_those_that_are_configured(settings: Settings) -> None:
    with served(settings) as client:
        found = client.get("/api/llm-defaults/providers").json()
        assert found == {"providers": [{"provider": "offline", "models": ["extractive"]}]}
    keyed = Settings.model_validate({"data_dir": settings.data_dir, "anthropic_api_key": "planted"})
    with served(keyed) as client:
        offline, anthropic = client.get("/api/llm-defaults/providers").json()["providers"]
        assert (offline["provider"], anthropic["provider"]) == ("offline", "anthropic")
        assert CHAT_MODEL in anthropic["models"]
    few = keyed.model_copy(update={"chat_models": ("claude-opus-4-1",)})
    with served(few) as client:
        _, anthropic = client.get("/api/llm-defaults/providers").json()["providers"]
        assert anthropic["models"] == sorted([CHAT_MODEL, "claude-opus-4-1"])


def test_who_may_read_may_not_write(settings: Settings) -> None:
    required = requiring(settings)
    reader = bearing(make_key(required, scopes=(Scope.CONVERSATIONS,)))
    writer = bearing(make_key(required, scopes=(Scope.CONVERSATIONS, Scope.PROMOTE)))
    model = {"llm_provider": "offline", "llm_model": "echo"}
    writes = (
        ("POST", PROMPT, {"system_prompt": TEXT}),
        ("DELETE", PROMPT, None),
        ("PUT", DEFAULT, model),
    )
    with served(required) as client:
        for path in (PROMPT, f"{PROMPT}/default", DEFAULT, "/api/llm-defaults/providers"):
            assert client.get(path, headers=reader).status_code == 200
        for method, path, body in writes:
            refused = client.request(method, path, json=body, headers=reader)
            assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
            assert client.request(method, path, json=body, headers=writer).status_code < 300


def test_the_use_case_itself_asks_for_the_right(settings: Settings) -> None:
    async def work() -> None:
        async with candor(settings) as made:
            stranger = Caller("eve", scopes=frozenset({Scope.CHAT}))
            for attempt in (
                lambda: made.playground.manage_prompts.use(stranger, "chat.answer", TEXT),
                lambda: made.playground.manage_prompts.use_built_in(stranger, "chat.answer"),
            ):
                with pytest.raises(LabelProtected):
                    await attempt()

    anyio.run(work)
