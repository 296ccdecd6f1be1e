"""Request ids, body limits, and who may address a server without logins."""

from collections.abc import Iterator

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from backend.settings.settings import Settings
from tests.backend.http.chatting import problem
from tests.backend.http.conftest import served


@pytest.mark.parametrize("given", ["abc", "0190-aF_.9", "x" * 64])
def test_a_sane_request_id_is_kept(shared: TestClient, given: str) -> None:
    assert shared.get("/health", headers={"X-Request-ID": given}).headers["x-request-id"] == given


@pytest.mark.parametrize("given", [None, "", "a b", "x" * 65, "<script>", "a\tb"])
def test_without_a_sane_request_id_there_is_a_new_one(
    shared: TestClient, given: str | None
) -> None:
    headers = {} if given is None else {"X-Request-ID": given}
    first, second = (
        shared.get(path, headers=headers).headers["x-request-id"]
        for path in ("/health", "/nothing")
    )
    assert len(first) == 16
    assert first != second


UPLOAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.md"\r\n\r\n'


@pytest.mark.parametrize(
    ("path", "limit", "begin", "detail"),
    [
        ("/knowledge/search", {"max_body_kb": 4}, b'{"query": "', "larger than 4 KiB"),
        ("/knowledge/documents", {"max_upload_mb": 0.125}, UPLOAD, "larger than "),
    ],
)
def test_an_unannounced_body_over_the_limit_is_refused_while_it_is_read(
    settings: Settings, path: str, limit: dict[str, float], begin: bytes, detail: str
) -> None:
    def pieces() -> Iterator[bytes]:
        yield begin
        for _ in range(300):
            yield b"x" * 1024

    kind = {"content-type": "multipart/form-data; boundary=x"} if begin is UPLOAD else {}
    with served(settings.model_copy(update=limit)) as client:
        response = client.post(path, content=pieces(), headers=kind)
    assert problem(response) == (413, "too_large")
    assert detail in response.json()["detail"]
    assert response.json()["hint"].startswith("Send less")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        *[
            (host, 200)
            for host in ("localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST")
        ],
        *[
            (host, 403)
            for host in (
                *("evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "", "["),
                *("evil:8000", "evil.example@127.0.0.1", "evil.example:80@localhost"),
                *("localhost/evil", "localhost?x", "localhost#x", "localhost:x"),
                *("localhost:80:80", "localhost evil.example"),
            )
        ],
    ],
)
def test_this_machines_own_names_alone_are_let_in(
    shared: TestClient, host: str, status: int
) -> None:
    response = shared.get("/health", headers={"Host": host})
    assert response.status_code == status
    assert status == 200 or response.json()["code"] == "host_refused"


def test_a_connection_from_the_network_is_refused_unless_it_is_allowed(settings: Settings) -> None:
    with served(settings, host="192.168.1.4") as client:
        response = client.get("/health", headers={"Host": "localhost"})
        assert problem(response) == (403, "host_refused")
    public = {"allow_public_local": True, "allowed_hosts": ("candor.example",)}
    with served(settings.model_copy(update=public), host="candor.example") as client:
        assert client.get("/health").status_code == 200


def test_another_sites_page_may_be_allowed_to_write(settings: Settings) -> None:
    open_to = settings.model_copy(update={"cors_origins": ("https://app.example",)})
    with served(open_to) as client:
        response = client.post(
            "/knowledge/search", json={"query": "x"}, headers={"Origin": "https://app.example"}
        )
        assert response.status_code == 200
        assert response.headers["access-control-allow-origin"] == "https://app.example"


@pytest.mark.parametrize(
    "origin",
    [
        *("https://evil.example", "http://localhost.evil.example", "http://evil.example:3000"),
        *("http://192.168.1.4:3000", "http://127.0.0.1.nip.io", "http://localhost@evil.example"),
        *("http://localhost:3000.evil.example", "file://", "null", ""),
    ],
)
def test_without_a_setting_no_page_of_elsewhere_may_read_or_write(
    shared: TestClient, origin: str
) -> None:
    response = shared.get("/health", headers={"Origin": origin})
    assert "access-control-allow-origin" not in response.headers
    refused = asking(shared, origin)
    assert refused.status_code == 403
    assert "CORS_ORIGINS" in refused.json()["hint"]
    written = shared.post("/knowledge/search", json={"query": "x"}, headers={"Origin": origin})
    assert written.status_code == 403


def test_pages_of_this_machine_may_read_and_write_under_any_host_list(settings: Settings) -> None:
    with served(settings.model_copy(update={"allowed_hosts": ("localhost",)})) as client:
        for origin in (
            *("http://localhost:3000", "https://localhost"),
            *("http://127.0.0.1:5173", "http://[::1]:1"),
        ):
            answer = asking(client, origin)
            assert answer.status_code == 200
            assert answer.headers["access-control-allow-origin"] == origin
            assert answer.headers["access-control-allow-headers"] == "last-event-id,x-of-its-own"
            assert "access-control-allow-credentials" not in answer.headers
            sent = {"Origin": origin}
            response = client.post("/knowledge/search", json={"query": "x"}, headers=sent)
            assert response.status_code == 200
            assert response.headers["access-control-allow-origin"] == origin


def test_where_keys_are_required_pages_of_this_machine_are_named_too(settings: Settings) -> None:
    with served(settings.model_copy(update={"auth_mode": "required"})) as client:
        answer = asking(client, "http://localhost:3000")
        assert "access-control-allow-origin" not in answer.headers
        assert answer.json()["hint"].endswith("CORS_ORIGINS=http://localhost:3000")


def asking(client: TestClient, origin: str) -> Response:
    """The answer to what a browser asks before it sends a request of a page of another origin."""
    return client.options(
        "/api/v1/eval-runs/eval_1/events",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "last-event-id,x-of-its-own",
        },
    )
