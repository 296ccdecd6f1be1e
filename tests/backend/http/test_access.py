"""API keys and users over HTTP: who may administer them, and what no administrator can do."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from backend.settings.settings import Settings
from tests.backend.http.conftest import served
from tests.backend.http.keys import bearing, key_of, requiring
from use_cases.kernel.model import Scope


@pytest.fixture
def required(settings: Settings) -> Settings:
    return requiring(settings)


@pytest.fixture
def guarded(required: Settings) -> Iterator[TestClient]:
    with served(required) as client:
        yield client


def test_a_created_key_is_shown_once_and_works_until_it_is_revoked(
    guarded: TestClient, required: Settings
) -> None:
    admin = key_of(required, "ada")
    wanted = {"user_id": "boris", "label": "web", "expires_days": 90, "cost_per_day": 2.5}
    created = guarded.post("/api/keys", json=wanted, headers=admin)
    assert created.status_code == 201, created.text
    made = created.json()
    assert made["scopes"] == ["advice", "chat", "knowledge:read"]
    assert (made["user_id"], made["label"], made["cost_per_day"]) == ("boris", "web", "2.5")
    assert guarded.get("/api/auth/me", headers=bearing(made["key"])).json()["id"] == "boris"

    listed = guarded.get("/api/keys", params={"user_id": "boris"}, headers=admin)
    assert [one["id"] for one in listed.json()["keys"]] == [made["id"]]
    assert made["key"] not in listed.text
    assert "digest" not in listed.text

    revoked = guarded.delete(f"/api/keys/{made['id']}", headers=admin)
    assert revoked.json()["revoked_at"] is not None
    refused = guarded.get("/api/auth/me", headers=bearing(made["key"]))
    assert (refused.status_code, refused.json()["code"]) == (401, "api_key_invalid")


def test_a_key_gets_no_scope_that_its_creator_lacks(
    guarded: TestClient, required: Settings
) -> None:
    admin = key_of(required, "ada", Scope.ADMIN)
    wanted = {"user_id": "boris", "label": "web", "scopes": ["chat"]}
    refused = guarded.post("/api/keys", json=wanted, headers=admin)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert "`chat`" in refused.json()["detail"]
    assert len(guarded.get("/api/keys", headers=admin).json()["keys"]) == 1


@pytest.mark.parametrize("path", ["/api/keys", "/api/users"])
def test_only_an_administrator_sees_keys_and_users(
    guarded: TestClient, required: Settings, path: str
) -> None:
    others = key_of(required, "boris", *(scope for scope in Scope if scope is not Scope.ADMIN))
    refused = guarded.get(path, headers=others)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")


def test_a_blocked_user_is_refused_at_once(guarded: TestClient, required: Settings) -> None:
    admin, boris = key_of(required, "ada"), key_of(required, "boris", Scope.CHAT)
    assert guarded.get("/chats", headers=boris).status_code == 200
    changed = guarded.patch("/api/users/boris", json={"is_active": False}, headers=admin)
    assert (changed.status_code, changed.json()["is_active"]) == (200, False)
    assert guarded.get("/chats", headers=boris).status_code == 401
    users = guarded.get("/api/users", headers=admin).json()["users"]
    assert {one["id"]: one["is_active"] for one in users} == {"ada": True, "boris": False}


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_admin": False}])
def test_an_administrator_cannot_shut_themselves_out(
    guarded: TestClient, required: Settings, change: dict[str, bool]
) -> None:
    admin = key_of(required, "ada")
    refused = guarded.patch("/api/users/ada", json=change, headers=admin)
    assert refused.status_code == 422
    assert refused.json()["detail"] == "You would lose your own rights."
    assert guarded.get("/api/users", headers=admin).json()["users"][0]["is_active"] is True


def test_the_user_of_local_mode_administers(client: TestClient) -> None:
    wanted = {"user_id": "boris", "label": "ci", "scopes": ["admin", "service"]}
    assert client.post("/api/keys", json=wanted).json()["scopes"] == ["admin", "service"]
    unknown = client.patch("/api/users/nobody", json={"is_admin": True})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "user_not_found")
