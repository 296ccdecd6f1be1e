"""With AUTH_MODE=required nothing but the public pages answers a stranger."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from loguru import logger
from starlette.testclient import TestClient
from starlette.types import Message

from backend.http.server_pages import scopes_of
from backend.settings.settings import Settings
from tests.backend.http.conftest import application, candor, served
from tests.backend.http.keys import UNKNOWN, bearing, make_key, requiring, revoke_key
from use_cases.kernel.identity import key_cache
from use_cases.kernel.identity.api_key import ApiKey
from use_cases.kernel.model import Scope

PUBLIC = (
    "/health",
    "/health/live",
    "/health/ready",
    "/reports/{token}",
    "/api/conversations/files/{file_id}/content",
    "/api/auth/login",
    "/api/auth/callback",
    "/api/auth/status",
)
"""The routes that a stranger may call; a report's token is its key, as a link's signature is."""
ANY_SCOPE = ("/api/auth/me", "/api/auth/logout", "/api/auth/session")
"""The routes that every caller may call, whatever the scopes."""


@pytest.fixture
def required(settings: Settings) -> Settings:
    return requiring(settings)


@pytest.fixture
def guarded(required: Settings) -> Iterator[TestClient]:
    with served(required) as client:
        yield client


@pytest.fixture
def log() -> Iterator[list[str]]:
    lines: list[str] = []
    handler = logger.add(lines.append, format="{message}", level="DEBUG")
    yield lines
    logger.remove(handler)


def operations(settings: Settings) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, found in application(settings).openapi()["paths"].items():
        for method, operation in found.items():
            yield method.upper(), path, operation


def test_every_route_refuses_a_stranger_before_it_looks_at_the_request(
    required: Settings,
) -> None:
    patient = required.model_copy(update={"rate_limit_failures_per_minute": 0})
    with served(patient) as guarded:
        for method, path, _ in operations(patient):
            if path in PUBLIC:
                continue
            response = guarded.request(method, path, content=b"{not json")
            assert response.status_code == 401, path
            assert _code(response) == "authentication_required"
            assert response.headers["www-authenticate"] == 'Bearer realm="candor"'


def test_the_public_pages_alone_are_open(guarded: TestClient) -> None:
    for method, path in (
        *(("GET", "/nothing"), ("POST", "/health"), ("GET", "/health/"), ("PUT", "/chats")),
        *(("GET", "/health/../answers"), ("GET", "/metrics"), ("OPTIONS", "/chat")),
    ):
        assert guarded.request(method, path).status_code == 401, path
    for path in ("/", "/docs", "/redoc", "/openapi.json", "/health", "/health/live"):
        assert guarded.get(path).status_code == 200, path


def test_a_stranger_learns_only_that_the_server_runs(
    guarded: TestClient, required: Settings
) -> None:
    assert guarded.get("/health").json() == {"status": "healthy"}
    assert guarded.get("/health/ready").json() == {"status": "ready", "reasons": []}
    assert "offline:extractive" not in guarded.get("/").text
    known = guarded.get("/health", headers=bearing(make_key(required)))
    assert known.json()["model"] == "offline:extractive"


def test_a_key_opens_in_either_header_and_not_in_the_address(
    guarded: TestClient, required: Settings
) -> None:
    key = make_key(required)
    for headers in (
        bearing(key),
        {"Authorization": f"Bearer {key.secret}"},
        {"authorization": f"bearer   {key.secret}"},
        {**bearing(key), "Authorization": "Basic YWRhOm9wZW4="},
    ):
        assert guarded.get("/knowledge/documents", headers=headers).status_code == 200
    response = guarded.get("/knowledge/documents", params={"api_key": key.secret})
    assert response.status_code == 401
    assert key.secret not in response.text


def test_why_a_key_cannot_be_used_is_not_told(
    guarded: TestClient, required: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_cache, "KEPT_SECONDS", 0.0)  # as if a second passed at once
    revoked = make_key(required)
    assert guarded.get("/answers", headers=bearing(revoked)).status_code == 200
    revoke_key(required, revoked.key.key_id)  # elsewhere
    expired = make_key(required, life=timedelta(microseconds=1))
    wrong = make_key(required).secret[:-1] + "!"
    answers = [
        guarded.get(path, headers=headers)
        for path, headers in (
            ("/answers", bearing(UNKNOWN)),
            ("/answers", bearing(revoked)),
            ("/answers", bearing(expired)),
            ("/answers", bearing(wrong)),
            ("/answers", bearing("x")),
            ("/answers", {"Authorization": "Bearer "}),
            ("/answers", {"Authorization": f"Bearer {UNKNOWN}"}),
            ("/health", bearing(UNKNOWN)),  # on a public page too
        )
    ]
    assert {response.status_code for response in answers} == {401}
    assert {response.json()["code"] for response in answers} == {"api_key_invalid"}
    assert len({response.text for response in answers}) == 1
    told = answers[0].headers["www-authenticate"]
    assert told == 'Bearer realm="candor", error="invalid_token"'


SCOPES = {
    ("GET", "/answers"): Scope.CHAT,
    ("GET", "/chats"): Scope.CHAT,
    ("POST", "/chat"): Scope.CHAT,
    ("POST", "/advice"): Scope.ADVICE,
    ("POST", "/feedback"): Scope.ADVICE,
    ("GET", "/confidence/recent"): Scope.ADVICE,
    ("GET", "/model"): Scope.ADVICE,
    ("POST", "/confidence/auto-tune"): Scope.TUNE,
    ("POST", "/confidence/auto-tune/rollback"): Scope.TUNE,
    ("GET", "/knowledge/documents"): Scope.KNOWLEDGE_READ,
    ("GET", "/knowledge/search"): Scope.KNOWLEDGE_READ,
    ("POST", "/knowledge/sql"): Scope.KNOWLEDGE_READ,
    ("POST", "/knowledge/documents"): Scope.KNOWLEDGE_WRITE,
    ("DELETE", "/knowledge/documents/{document_id}"): Scope.KNOWLEDGE_WRITE,
}


def test_each_route_names_its_scope_and_refuses_a_key_without_it(
    guarded: TestClient, required: Settings
) -> None:
    keys = {scope: make_key(required, scopes=tuple(set(Scope) - {scope})) for scope in Scope}
    named: set[tuple[tuple[str, str], Scope]] = set()
    for method, path, operation in operations(required):
        if path in PUBLIC:
            continue
        assert [list(way) for way in operation["security"]] == [["ApiKey"], ["Bearer"], ["Session"]]
        if path in ANY_SCOPE:
            assert list(scopes_of(operation)) == []
            continue
        scopes = [Scope(one) for one in scopes_of(operation)]
        assert scopes, path
        for scope in scopes:
            named.add(((method, path), scope))
            response = guarded.request(method, path, headers=bearing(keys[scope]), json={})
            assert (response.status_code, _code(response)) == (403, "scope_missing"), path
            assert f"`{scope}`" in response.text
            assert response.headers["www-authenticate"] == (
                'Bearer realm="candor", error="insufficient_scope"'
            )
    assert named >= set(SCOPES.items())


def test_the_document_describes_refusals(required: Settings) -> None:
    for _, path, operation in operations(required):
        responses = operation["responses"]
        codes = {
            code
            for status in ("401", "403", "429")
            for code in _examples(responses.get(status, {}))
        }
        if path == "/api/auth/callback":
            continue  # its own refusals are among these
        if path in PUBLIC:
            # A key that is sent without need is looked at all the same.
            own = {"host_refused", "api_key_invalid", "rate_limited", "too_many_requests"}
            assert codes - {"file_link_invalid"} == own
        else:
            assert codes >= {
                "authentication_required",
                "api_key_invalid",
                "session_invalid",
                "scope_missing",
                "cross_site_write",
                "rate_limited",
                "host_refused",
            }
            assert "Retry-After" in responses["429"]["headers"]
            assert "WWW-Authenticate" in responses["401"]["headers"]


def _examples(response: dict[str, dict[str, dict[str, dict[str, object]]]]) -> list[str]:
    """The codes of errors that are described, as problems or in OpenAI's form."""
    content = response.get("content", {})
    described = (content.get(f"application/{form}", {}) for form in ("problem+json", "json"))
    return [code for one in described for code in one.get("examples", {})]


def _code(response: Any) -> str:
    """The code of a problem, or of an error in OpenAI's form."""
    found = response.json()
    return str(found.get("error", found)["code"])


def test_in_local_mode_a_key_may_be_left_out_and_is_not_looked_at(settings: Settings) -> None:
    with served(settings) as client:
        assert client.get("/answers").status_code == 200
        assert client.get("/answers", headers=bearing(UNKNOWN)).status_code == 200
        assert client.get("/health").json()["model"] == "offline:extractive"
    for _, path, operation in operations(settings):
        if path not in PUBLIC:
            assert {} in operation["security"]


def test_without_any_key_the_start_says_how_to_make_one(required: Settings, log: list[str]) -> None:
    with served(required):
        pass
    assert any("candor keys create --user" in line for line in log)
    log.clear()
    make_key(required)
    with served(required):
        pass
    assert not any("candor keys create" in line for line in log)


def test_a_store_that_cannot_be_read_refuses_callers_and_not_the_start(
    required: Settings, tmp_path: Path
) -> None:
    (tmp_path / "var").mkdir(exist_ok=True)
    (tmp_path / "var" / "candor.sqlite").write_bytes(b"this is no database, " * 100)
    with served(required) as client:
        assert client.get("/health").status_code == 200
        response = client.get("/knowledge/documents", headers=bearing(UNKNOWN))
        assert (response.status_code, response.json()["code"]) == (503, "storage_damaged")


def test_the_last_use_is_kept(guarded: TestClient, required: Settings) -> None:
    key = make_key(required)
    guarded.get("/answers", headers=bearing(key))
    guarded.__exit__()

    async def kept() -> ApiKey:
        async with candor(required) as reading:
            return (await reading.identity.manage_keys.list())[0]

    assert anyio.run(kept).last_used_at is not None


def test_no_key_reaches_a_log_or_an_answer(
    guarded: TestClient, required: Settings, log: list[str]
) -> None:
    key = make_key(required)
    texts = [
        guarded.get("/answers", headers=bearing(sent)).text
        for sent in (key.secret, key.secret[:-1] + "0", UNKNOWN)
    ]
    secret = key.secret.rpartition("_")[2]
    assert secret[:-1] not in "".join([*texts, *log])
    assert "z" * 40 not in "".join([*texts, *log])


def test_other_machines_may_connect_where_keys_are_required(required: Settings) -> None:
    named = required.model_copy(update={"allowed_hosts": ("candor.example",)})
    with served(named, host="candor.example") as client:
        assert client.get("/health").status_code == 200
        assert client.get("/health", headers={"Host": "evil.example"}).status_code == 403


def test_behind_a_path_of_a_proxy_the_pages_are_the_same(required: Settings) -> None:
    app = application(required)
    with TestClient(app, base_url="http://localhost", root_path="/candor") as client:
        assert client.get("/candor/health").json() == {"status": "healthy"}
        assert client.get("/candor/answers").status_code == 401
        assert client.get("/candorhealth").status_code == 401


def test_no_route_takes_a_body_over_its_limit(settings: Settings) -> None:
    small = settings.model_copy(
        update={
            "max_body_kb": 1,
            "max_chat_body_mb": 0.001,
            "max_upload_mb": 0.001,
            "max_dataset_mb": 0.001,
            "max_attachment_mb": 0.001,
            "max_import_mb": 0.001,
        }
    )
    sent = {"content-type": "application/json"}
    with served(small) as client:
        for method, path, _ in operations(small):
            response = client.request(method, path, content=b" " * 70_000, headers=sent)
            assert (response.status_code, _code(response)) == (413, "too_large"), path


def test_not_a_byte_of_a_strangers_upload_is_read(guarded: TestClient) -> None:
    taken: list[int] = []

    async def app() -> None:
        async def receive() -> Message:
            taken.append(1)
            return {"type": "http.request", "body": b"x" * 1024, "more_body": True}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                taken.append(message["status"])

        headers = [(b"host", b"localhost"), (b"content-type", b"multipart/form-data; boundary=x")]
        scope: dict[str, object] = {
            "type": "http",
            "method": "POST",
            "path": "/knowledge/documents",
            "query_string": b"",
            "headers": headers,
        }
        await guarded.app(scope, receive, send)

    anyio.run(app)
    assert taken == [401]
