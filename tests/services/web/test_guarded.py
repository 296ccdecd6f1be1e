"""Guarded requests over real sockets: where they do not go, and what bounds an answer."""

import asyncio
import re
import socketserver
import threading
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import takewhile
from typing import cast

import pytest

from services.web.guarded import GuardedRequests, JsonWebhook, is_public
from use_cases.kernel.errors import AddressRefused, CandorError, UpstreamFailed, UpstreamTimeout
from use_cases.kernel.ports import WebAnswer

pytestmark = pytest.mark.anyio

OK = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n"
    + b'{"pass":true}'
)

PUBLIC = "93.184.215.14"


class Server(socketserver.ThreadingTCPServer):
    """A server on loopback that answers each request with these pieces, until its client leaves."""

    daemon_threads = False

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self.pieces = pieces
        self.requests: list[bytes] = []
        super().__init__(("127.0.0.1", 0), Answering)

    @property
    def port(self) -> int:
        return self.server_address[1]


class Answering(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server = cast("Server", self.server)
        with suppress(ConnectionError):
            while head := b"".join(takewhile(bool, iter(self.rfile.readline, b"\r\n"))):
                length = re.search(rb"(?i)content-length: (\d+)", head)
                body = self.rfile.read(int(length[1]) if length else 0)
                server.requests.append(head + b"\r\n" + body)
                self.wfile.write(b"".join(server.pieces))


@asynccontextmanager
async def serving(*pieces: bytes) -> AsyncGenerator[Server]:
    with Server(pieces) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            await asyncio.to_thread(server.shutdown)
            thread.join()


@asynccontextmanager
async def requests(
    *allowed: str,
    seconds: float = 5.0,
    most_bytes: int = 1000,
    resolves: Callable[[str], Sequence[str]] | None = None,
) -> AsyncGenerator[GuardedRequests]:
    async def resolve(host: str, _port: int) -> Sequence[str]:
        assert resolves is not None
        return resolves(host)

    bounds = {"seconds": seconds, "most_bytes": most_bytes}
    made = (
        GuardedRequests(allowed, **bounds)  # pyright: ignore[reportArgumentType]
        if resolves is None
        else GuardedRequests(allowed, **bounds, resolve=resolve)  # pyright: ignore[reportArgumentType]
    )
    try:
        yield made
    finally:
        await made.close()


class TestAddresses:
    @pytest.mark.parametrize(
        "address",
        [
            *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
            *("100.64.0.1", "224.0.0.1", "255.255.255.255", "198.18.0.1", "240.0.0.1"),
            *("::1", "::", "fe80::1", "fe80::1%2", "fc00::1", "fec0::1", "ff02::1"),
            *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1"),
            *("64:ff9b:1::1", "2002:7f00:1::", "2001:0:53aa:64c::1", "2001:db8::1"),
            *("192.0.0.8", "192.0.0.192", "::ffff:192.0.0.192", "192.88.99.1", "168.63.129.16"),
            *("2001:20::1", "3fff::1"),
        ],
    )
    def test_private_and_special_addresses_are_not_public(self, address: str) -> None:
        assert not is_public(address)

    @pytest.mark.parametrize("address", [PUBLIC, "::ffff:93.184.215.14", "2606:2800:21f::1"])
    def test_others_are(self, address: str) -> None:
        assert is_public(address)

    @pytest.mark.parametrize(
        "url",
        [
            *("https://127.0.0.1/", "https://localhost/", "https://[::1]/"),
            *("https://2130706433/", "https://0x7f.1/", "https://127.1/", "https://0/"),
            *("https://[::ffff:127.0.0.1]/", "https://[64:ff9b::7f00:1]/"),
            *("https://169.254.169.254/latest/meta-data/", "https://10.0.0.1/"),
        ],
    )
    async def test_no_spelling_of_a_private_address_is_requested(self, url: str) -> None:
        async with requests() as web:
            with pytest.raises(AddressRefused):
                await web.get(url)

    @pytest.mark.parametrize(
        "url",
        [
            *("http://example.com/", "https://example.com:8443/", "ftp://example.com/"),
            *("file:///etc/passwd", "https://user:pw@example.com/", "https://", "example.com"),
            *("https://exa\tmple.com/", "https://[::1/", "//example.com/", ""),
            *("https://１２７.0.0.1/", "gopher://example.com:70/"),
        ],
    )
    async def test_only_https_on_its_port_without_a_user(self, url: str) -> None:
        async with requests(resolves=lambda _host: [PUBLIC]) as web:
            with pytest.raises(AddressRefused):
                await web.get(url)

    async def test_a_host_with_one_private_address_among_its_addresses_is_refused(self) -> None:
        async with requests(resolves=lambda _host: [PUBLIC, "10.0.0.1"]) as web:
            with pytest.raises(AddressRefused) as raised:
                await web.get("https://example.com/secret-path?token=1")
            assert "secret-path" not in raised.value.detail
            assert "example.com" in raised.value.detail

    async def test_the_checked_address_is_dialled_and_the_name_is_resolved_once(self) -> None:
        resolved: list[str] = []

        def resolve(host: str) -> Sequence[str]:
            resolved.append(host)
            return ["127.0.0.1"]

        async with serving(OK) as server:
            host = f"hooks.invalid:{server.port}"
            async with requests(host, resolves=resolve) as web:
                answer = await web.get(f"http://{host}/a?b=c")
        assert answer == WebAnswer(200, "application/json", b'{"pass":true}')
        assert resolved == ["hooks.invalid"]
        assert server.requests[0].startswith(b"GET /a?b=c HTTP/1.1\r\nHost: " + host.encode())

    async def test_an_allowed_port_allows_no_other(self) -> None:
        async with requests("127.0.0.1:1") as web:
            with pytest.raises(AddressRefused):
                await web.get("http://127.0.0.1:2/")

    async def test_an_address_that_does_not_answer_is_followed_by_the_next(self) -> None:
        async with serving(OK) as server:
            host = f"hooks.invalid:{server.port}"
            found = ["127.0.0.99", "127.0.0.1"]
            async with requests(host, resolves=lambda _host: found) as web:
                assert (await web.get(f"http://{host}/")).status == 200


class TestAnswers:
    async def test_json_is_posted(self) -> None:
        async with serving(OK) as server, requests("127.0.0.1") as web:
            reply = await JsonWebhook(web).post(
                f"http://127.0.0.1:{server.port}/check", {"output": "half \ud83d"}
            )
        assert reply == {"pass": True}
        head, _, body = server.requests[0].partition(b"\r\n\r\n")
        assert body == b'{"output": "half \\ud83d"}'
        assert b"Content-Type: application/json" in head
        assert b"Accept-Encoding: identity" in head

    async def test_a_redirect_is_an_answer_and_is_not_followed(self) -> None:
        moved = (
            b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
        )
        async with serving(moved) as server, requests("127.0.0.1") as web:
            url = f"http://127.0.0.1:{server.port}/"
            assert (await web.get(url)).status == 302
            with pytest.raises(UpstreamFailed, match="status 302"):
                await JsonWebhook(web).post(url, {})

    @pytest.mark.parametrize(
        ("pieces", "error"),
        [
            ([b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", b"x" * 2000], UpstreamFailed),
            (
                [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"]
                + [b"200\r\n" + b"x" * 512 + b"\r\n"] * 4,
                UpstreamFailed,
            ),
            (
                [b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nxx"],
                UpstreamFailed,
            ),
            ([b"nonsense\r\n\r\n"], UpstreamFailed),
            ([b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nx"], UpstreamTimeout),
            ([], UpstreamTimeout),
        ],
    )
    async def test_size_time_and_form_of_an_answer_are_bounded(
        self, pieces: Sequence[bytes], error: type[CandorError]
    ) -> None:
        seconds = 0.05 if error is UpstreamTimeout else 5.0
        async with serving(*pieces) as server, requests("127.0.0.1", seconds=seconds) as web:
            with pytest.raises(error):
                await web.get(f"http://127.0.0.1:{server.port}/")

    async def test_a_server_that_is_not_there_is_an_error(self) -> None:
        async with serving() as server:
            pass
        async with requests("127.0.0.1") as web:
            with pytest.raises(UpstreamFailed, match="could not be reached"):
                await web.get(f"http://127.0.0.1:{server.port}/")

    async def test_a_host_without_an_address_is_an_error(self) -> None:
        def resolve(_host: str) -> Sequence[str]:
            raise OSError

        async with requests(resolves=resolve) as web:
            with pytest.raises(UpstreamFailed):
                await web.get("https://nowhere.example/")

    @pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"[" * 900])
    async def test_a_reply_that_is_no_json_is_an_error(self, body: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
        async with serving(head + body) as server, requests("127.0.0.1") as web:
            with pytest.raises(UpstreamFailed, match="JSON"):
                await JsonWebhook(web).post(f"http://127.0.0.1:{server.port}/", {})
