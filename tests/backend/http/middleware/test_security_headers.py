"""Headers that protect a browser, and which pages may call across sites."""

import pytest
from starlette.testclient import TestClient

from backend.errors import SettingsInvalid
from backend.settings.settings import Settings, load_settings
from tests.backend.http.conftest import application, served
from tests.backend.http.keys import bearing, make_key, requiring

PAGE = "https://app.example"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/answers"), ("GET", "/nothing"), ("POST", "/knowledge/search"), ("GET", "/docs")],
)
def test_every_response_is_protected(shared: TestClient, method: str, path: str) -> None:
    headers = shared.request(method, path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "strict-transport-security" not in headers


def test_a_refusal_by_a_guard_is_protected_too(settings: Settings) -> None:
    with served(requiring(settings)) as client:
        refused = client.get("/answers")
        foreign = client.get("/answers", headers={"Host": "evil.example"})
    for response, status in ((refused, 401), (foreign, 403)):
        assert response.status_code == status
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-request-id"]


def test_https_is_insisted_on_where_it_is_used_and_never_for_this_machine(
    settings: Settings,
) -> None:
    named = requiring(settings, allowed_hosts=("candor.example", "localhost"))
    app = application(named)
    with TestClient(app, base_url="https://candor.example") as client:
        assert client.get("/health").headers["strict-transport-security"] == "max-age=31536000"
        local = client.get("/health", headers={"Host": "localhost"})
        assert "strict-transport-security" not in local.headers


def test_a_named_page_may_ask_and_read_refusals_and_the_headers_of_streams(
    settings: Settings,
) -> None:
    with served(requiring(settings, cors_origins=(PAGE,))) as client:
        for method in ("GET", "POST", "PATCH", "DELETE"):
            asked = client.options(
                "/chats/chat_1",
                headers={
                    "Origin": PAGE,
                    "Access-Control-Request-Method": method,
                    "Access-Control-Request-Headers": "authorization,content-type,x-api-key",
                },
            )
            assert asked.status_code == 200
            assert asked.headers["access-control-allow-origin"] == PAGE
            assert "access-control-allow-credentials" not in asked.headers
        refused = client.get("/answers", headers={"Origin": PAGE})
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == PAGE
    exposed = refused.headers["access-control-expose-headers"].lower().split(", ")
    streams = {"x-response-id", "x-vercel-ai-data-stream", "x-vercel-ai-ui-message-stream"}
    assert {"x-request-id", "retry-after", *streams} <= set(exposed)


def test_every_page_may_be_let_in_where_keys_are_required(settings: Settings) -> None:
    everyone = requiring(settings, cors_origins=("*",))
    key = make_key(everyone)
    with served(everyone) as client:
        response = client.post(
            "/knowledge/search",
            headers={"Origin": "https://anywhere.example", **bearing(key)},
            json={"query": "x"},
        )
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in response.headers


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"AUTH_MODE": "required", "CORS_CREDENTIALS": "true"}, "CORS_CREDENTIALS=true"),
        ({"AUTH_MODE": "local"}, "AUTH_MODE=local"),
    ],
)
def test_every_page_with_logins_or_without_keys_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, told: dict[str, str], sentence: str
) -> None:
    for name, value in {"CORS_ORIGINS": "*", **told}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid, match=sentence):
        load_settings()
