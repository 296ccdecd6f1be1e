"""Which models a request may name: with API keys only those of the settings."""

import pytest
from pydantic import SecretStr

from backend.settings.settings import Settings
from tests.backend.http.conftest import served
from tests.backend.http.keys import bearing, make_key, requiring

_ASKED = {
    "/chat": {"user_id": "anna", "message": "Hello?"},
    "/advice-non-streaming": {"conversation": [{"role": "user", "content": "This or that?"}]},
}


@pytest.mark.parametrize("path", _ASKED)
def test_with_a_key_only_models_of_the_settings_may_be_named(settings: Settings, path: str) -> None:
    keyed = requiring(settings, openai_api_key=SecretStr("planted"), chat_model="offline")
    with served(keyed) as client:
        header = bearing(make_key(keyed))
        told = client.post(path, headers=header, json={**_ASKED[path], "model": "gpt-4.1"})
        usual = client.post(path, headers=header, json={**_ASKED[path], "model": "offline"})
        assert client.get("/answers", headers=header).json()["answers"][1:] == []
    assert (told.status_code, told.json()["code"]) == (403, "model_not_allowed")
    assert "offline:extractive" in told.json()["hint"]
    assert usual.status_code == 200


def test_the_settings_say_which_models_requests_may_name() -> None:
    def named(**told: object) -> tuple[str, ...] | None:
        return Settings.model_validate({"chat_model": "offline", **told}).requestable_models

    assert named() is None
    assert named(chat_models="gpt-4.1, grok-4.3") == ("offline", "gpt-4.1", "grok-4.3")
    assert named(auth_mode="required") == ("offline",)
    assert named(auth_mode="required", openai_default_model="o3") == ("offline", "o3")
    assert named(auth_mode="required", chat_models="*") is None
