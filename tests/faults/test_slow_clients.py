"""Clients that hold a connection and send nothing, or too slowly; and what a proxy may say of them."""

import json
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from http.client import HTTPConnection, HTTPResponse
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from backend.http.middleware.connections import BoundedConnections, ConnectionLimits
from tests.backend.cli.test_program import environment, free_port
from tests.faults.serving import Server, running
from tests.patience import PATIENCE

SERVE = """
from backend.cli.program import main
from backend.settings.settings import Settings

Settings.request_header_seconds = 1  # a busy test may need a while from its connection to its bytes
Settings.request_body_seconds = 0.3
Settings.max_connections = 3
main()
"""
HOSTS = "localhost,127.0.0.1,candor.example"


def serve(folder: Path, **more: str) -> Any:
    """The program's own server in this folder."""
    told = environment(DATA_DIR=str(folder / "var"), ALLOWED_HOSTS=HOSTS, **more)
    command = ("-c", SERVE, "serve", "--port", str(free_port()))
    return running(*command, environment=told)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("slow")) as server:
        server.log.wait_for("Uvicorn running|startup complete")
        yield server


def connected(server: Server) -> socket.socket:
    place = urlsplit(server.url)
    assert place.hostname
    return socket.create_connection((place.hostname, place.port or 80), PATIENCE)


def answer(connection: socket.socket) -> tuple[int, dict[str, Any]]:
    """The response, and nothing after it: the server has closed the connection."""
    response = HTTPResponse(connection)
    response.begin()
    body = json.loads(response.read())
    assert connection.recv(1) == b""
    return response.status, body


@pytest.mark.exhaustive
def test_headers_that_do_not_come_are_not_waited_for(server: Server) -> None:
    with connected(server) as silent, connected(server) as slow:
        slow.sendall(b"GET /health HTTP/1.1\r\nHost: loc")
        status, problem = answer(slow)
        assert (status, problem["code"]) == (408, "request_timeout")
        assert silent.recv(1) == b""


def test_nor_those_of_the_next_request(server: Server) -> None:
    with connected(server) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        first = HTTPResponse(connection)
        first.begin()
        first.read()
        assert first.status == 200
        connection.sendall(b"GET /health HT")
        status, problem = answer(connection)
    assert (status, problem["code"]) == (408, "request_timeout")


@pytest.mark.parametrize(
    ("path", "kind", "begun"),
    [
        ("/knowledge/search", "application/json", '{"query": '),
        ("/chat/stream", "application/json", '{"user_id": '),
        ("/knowledge/documents", "multipart/form-data; boundary=x", "--x\r\nContent-"),
    ],
)
def test_nor_is_a_body(server: Server, path: str, kind: str, begun: str) -> None:
    with connected(server) as connection:
        connection.sendall(
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
            f"Connection: close\r\nContent-Length: 100\r\n\r\n{begun}".encode()
        )
        status, problem = answer(connection)
    assert (status, problem["code"]) == (408, "request_timeout")


@pytest.mark.exhaustive
@pytest.mark.parametrize("request_line", ["GET /health", "POST /nothing", "POST /chat/stream"])
def test_nor_is_the_rest_of_a_body_after_the_answer(server: Server, request_line: str) -> None:
    with connected(server) as connection:
        head = f"{request_line} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"
        connection.sendall(head.encode())
        with suppress(ConnectionError):
            for _ in range(50):  # more than the time for headers
                connection.sendall(b"x")
                connection.settimeout(0.1)
                with suppress(TimeoutError):
                    if connection.recv(65_536) == b"":
                        return
        connection.settimeout(PATIENCE)
        while connection.recv(65_536):
            pass


@pytest.mark.exhaustive
def test_one_connection_too_many_is_refused_and_a_later_one_is_not(server: Server) -> None:
    with ExitStack() as held:
        for _ in range(3):
            one = held.enter_context(connected(server))
            one.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            response = HTTPResponse(one)
            response.begin()
            response.read()
        with connected(server) as another:
            status, problem = answer(another)
        assert (status, problem["code"]) == (503, "server_full")
    assert healthy(server).status == 200


def healthy(server: Server, **headers: str) -> HTTPResponse:
    """The answer of /health."""
    place = urlsplit(server.url)
    connection = HTTPConnection(place.hostname or "", place.port, timeout=PATIENCE)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("GET", "/health", headers={"Host": "localhost", **named})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


@pytest.mark.exhaustive
def test_a_stranger_is_not_believed_to_be_a_proxy(server: Server) -> None:
    said = healthy(server, Host="candor.example", X_Forwarded_Proto="https")
    assert said.headers["Strict-Transport-Security"] is None


@pytest.mark.exhaustive
def test_a_trusted_proxy_is(tmp_path: Path) -> None:
    with serve(tmp_path, TRUSTED_PROXIES="127.0.0.1") as server:
        server.log.wait_for("Uvicorn running|startup complete")
        said = healthy(server, Host="candor.example", X_Forwarded_Proto="https")
    assert said.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize(
    ("address", "is_over"), [("192.0.2.7", True), ("127.0.0.1", False), ("192.0.2.9", False)]
)
def test_one_address_has_its_share_unless_it_stands_for_many(
    address: str, is_over: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BoundedConnections, "open", Counter[str]())

    class Bounded(BoundedConnections):
        @classmethod
        def limits(cls) -> ConnectionLimits:
            return ConnectionLimits(1.0, 0, 2, (ip_network("192.0.2.8/31"),))

    connection = Bounded.__new__(Bounded)
    connection.count(address)
    connection.count(address)
    assert connection.is_over() is False
    connection.count(address)
    assert connection.is_over() is is_over
