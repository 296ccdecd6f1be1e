"""Request ids, body limits, and who may address a server without logins."""

from collections.abc import Iterator

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from backend.settings.settings import Settings
from tests.backend.http.conftest import application, served


def test_every_response_has_a_request_id(client: TestClient) -> None:
    first = client.get("/health").headers["x-request-id"]
    second = client.get("/nothing").headers["x-request-id"]
    assert len(first) == 16
    assert first != second


@pytest.mark.parametrize("given", ["abc", "0190-aF_.9", "x" * 64])
def test_a_sane_request_id_is_kept(client: TestClient, given: str) -> None:
    assert client.get("/health", headers={"X-Request-ID": given}).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "<script>", "a\tb"])
def test_an_odd_request_id_is_replaced(client: TestClient, given: str) -> None:
    response = client.get("/health", headers={"X-Request-ID": given})
    assert len(response.headers["x-request-id"]) == 16


def test_responses_are_not_sniffed(client: TestClient) -> None:
    assert client.get("/health").headers["x-content-type-options"] == "nosniff"


def test_an_announced_body_over_the_limit_is_refused_unread(settings: Settings) -> None:
    with served(settings.model_copy(update={"max_body_kb": 1})) as client:
        response = client.post("/knowledge/search", json={"query": "x" * 2000})
        assert response.status_code == 413
        assert response.json()["code"] == "too_large"
        assert response.headers["x-request-id"]


def test_an_unannounced_body_over_the_limit_is_refused_while_it_is_read(
    settings: Settings,
) -> None:
    taken: list[int] = []

    def pieces() -> Iterator[bytes]:
        yield b'{"query": "'
        for number in range(1000):
            taken.append(number)
            yield b"x" * 1024

    with served(settings.model_copy(update={"max_body_kb": 4})) as client:
        response = client.post("/knowledge/search", content=pieces())
        assert response.status_code == 413
        assert response.json()["detail"] == "The request body is larger than 4 KiB."
        assert response.json()["hint"] == "Send less."


def test_an_unannounced_upload_over_the_limit_is_refused(settings: Settings) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.md"\r\n\r\n'
        for _ in range(300):
            yield b"x" * 1024
        yield b"\r\n--x--\r\n"

    with served(settings.model_copy(update={"max_upload_mb": 0.125})) as client:
        response = client.post(
            "/knowledge/documents",
            content=pieces(),
            headers={"content-type": "multipart/form-data; boundary=x"},
        )
        assert response.status_code == 413
        assert response.json()["code"] == "too_large"


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST"]
)
def test_this_machines_own_names_are_let_in(client: TestClient, host: str) -> None:
    assert client.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "", "[", "evil:8000"),
        *("evil.example@127.0.0.1", "evil.example:80@localhost", "localhost/evil", "localhost?x"),
        *("localhost#x", "localhost:x", "localhost:80:80", "localhost evil.example"),
    ],
)
def test_a_foreign_host_name_is_refused(client: TestClient, host: str) -> None:
    response = client.get("/health", headers={"Host": host})
    assert (response.status_code, response.json()["code"]) == (403, "host_refused")


def test_a_connection_from_the_network_is_refused(settings: Settings) -> None:
    with served(settings, host="192.168.1.4") as client:
        response = client.get("/health", headers={"Host": "localhost"})
        assert (response.status_code, response.json()["code"]) == (403, "host_refused")


def test_a_connection_from_the_network_may_be_allowed(settings: Settings) -> None:
    public = settings.model_copy(
        update={"allow_public_local": True, "allowed_hosts": ("candor.example",)}
    )
    with served(public, host="candor.example") as client:
        assert client.get("/health").status_code == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:3000", 200),
        ("http://127.0.0.1:8000", 200),
        ("https://evil.example", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_another_sites_page_may_not_write(client: TestClient, origin: str, status: int) -> None:
    response = client.post("/knowledge/search", json={"query": "x"}, headers={"Origin": origin})
    assert response.status_code == status


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
        *(
            "http://192.168.1.4:3000",
            "http://127.0.0.1.nip.io",
            "http://evil.localhost@evil.example",
        ),
        *("http://localhost:3000.evil.example", "file://", "null"),
    ],
)
def test_without_a_setting_no_page_of_elsewhere_may_read(client: TestClient, origin: str) -> None:
    response = client.get("/health", headers={"Origin": origin})
    assert "access-control-allow-origin" not in response.headers
    refused = asking(client, origin)
    assert refused.status_code == 403
    assert "CORS_ORIGINS" in refused.json()["hint"]
    written = client.post("/knowledge/search", json={"query": "x"}, headers={"Origin": origin})
    assert written.status_code == 403


@pytest.mark.parametrize(
    "origin",
    ["http://localhost:3000", "https://localhost", "http://127.0.0.1:5173", "http://[::1]:1"],
)
def test_pages_of_this_machine_may_read_and_write_under_any_host_list(
    settings: Settings, origin: str
) -> None:
    with served(settings.model_copy(update={"allowed_hosts": ("localhost",)})) as client:
        answer = asking(client, origin)
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, origin)
        assert answer.headers["access-control-allow-headers"] == "last-event-id,x-of-its-own"
        assert "access-control-allow-credentials" not in answer.headers
        response = client.post("/knowledge/search", json={"query": "x"}, headers={"Origin": origin})
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


def test_a_unix_socket_has_no_address_to_refuse(settings: Settings) -> None:
    client = TestClient(application(settings), base_url="http://localhost")
    with client:
        assert client.get("/health").status_code == 200
