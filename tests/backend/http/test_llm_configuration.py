"""Prompts and default models by type: other doors to the one registry."""

import pytest
from starlette.testclient import TestClient

from backend.settings.settings import Settings
from tests.backend.http.chatting import problem
from tests.backend.http.conftest import served
from tests.backend.http.keys import key_of, requiring
from tests.services.models.test_catalogue import CHAT_MODEL
from use_cases.kernel.model import Scope

PROMPT = "/api/llm-prompts/chat.answer"
DEFAULT = "/api/llm-defaults/chat.answer"
CONVERSATIONS = ("project_draft_chat", "project_draft_generation", "conversation_summary")
TEXT = "Answer kindly, from the sources."
ECHO = {"llm_provider": "offline", "llm_model": "echo"}


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


def test_every_purpose_of_the_product_is_a_type(shared: TestClient) -> None:
    types = [each["purpose"] for each in shared.get("/api/v1/prompt-types").json()]
    assert set(types) >= {"chat.answer", *CONVERSATIONS}
    for each in CONVERSATIONS:
        assert shared.get(f"/api/llm-defaults/{each}").json()["llm_provider"] == "offline"
    for each in types:
        assert shared.get(f"/api/llm-prompts/{each}").json()["prompt_type"] == each


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        *[
            (method, f"/api/llm-prompts/nothing{path}", body, 404, "prompt_not_found")
            for method, path, body in (
                ("GET", "", None),
                ("GET", "/default", None),
                ("POST", "", {"system_prompt": TEXT}),
                ("DELETE", "", None),
            )
        ],
        ("GET", "/api/llm-prompts/chat.answer@1", None, 422, "validation_error"),
        ("POST", PROMPT, {"system_prompt": " "}, 422, "prompt_invalid"),
        ("POST", PROMPT, {"system_prompt": "Say {{name}}."}, 422, "prompt_invalid"),
        ("GET", "/api/llm-defaults/nothing", None, 404, "model_default_not_found"),
        ("PUT", "/api/llm-defaults/nothing", ECHO, 404, "model_default_not_found"),
        ("PUT", DEFAULT, ECHO | {"llm_provider": "openai"}, 422, "model_not_configured"),
        ("PUT", DEFAULT, ECHO | {"llm_provider": "nobody"}, 422, "model_unknown"),
        ("PUT", DEFAULT, ECHO | {"llm_model": "a b"}, 422, "validation_error"),
        ("PUT", DEFAULT, ECHO | {"llm_provider": "Offline:"}, 422, "validation_error"),
    ],
)
def test_what_cannot_be_used_is_refused_and_changes_nothing(
    shared: TestClient, method: str, path: str, body: dict[str, str] | None, status: int, code: str
) -> None:
    assert problem(shared.request(method, path, json=body)) == (status, code)
    assert shared.get(PROMPT).json()["version"] == 0
    assert shared.get(DEFAULT).json()["is_default"] is True


def test_a_prompt_of_ones_own_is_no_type(shared: TestClient) -> None:
    own = shared.post("/api/v1/prompts", json={"name": "Summary"}).json()["id"]
    assert problem(shared.get(f"/api/llm-prompts/{own}")) == (404, "prompt_not_found")


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
    stored = client.put(DEFAULT, json=ECHO)
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


def test_the_model_of_advice_is_its_own(settings: Settings) -> None:
    named = settings.model_copy(update={"openai_default_model": "offline:echo"})
    with served(named) as client:
        assert client.get("/api/llm-defaults/advice").json()["llm_model"] == "echo"
        assert client.get("/api/llm-defaults/judge").json()["llm_model"] == "extractive"


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
    reader = key_of(required, "anna", Scope.CONVERSATIONS)
    writer = key_of(required, "anna", Scope.CONVERSATIONS, Scope.PROMOTE)
    writes = (
        ("POST", PROMPT, {"system_prompt": TEXT}),
        ("DELETE", PROMPT, None),
        ("PUT", DEFAULT, ECHO),
    )
    with served(required) as client:
        for path in (PROMPT, f"{PROMPT}/default", DEFAULT, "/api/llm-defaults/providers"):
            assert client.get(path, headers=reader).status_code == 200
        for method, path, body in writes:
            refused = client.request(method, path, json=body, headers=reader)
            assert problem(refused) == (403, "scope_missing")
            assert client.request(method, path, json=body, headers=writer).status_code < 300
