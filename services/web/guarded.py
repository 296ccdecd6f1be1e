"""The port `GuardedWeb`: requests to addresses that a person named, which may lead anywhere; and, over it,
the port `Webhook`.

Promises: a host name is resolved once, each of its addresses is checked, and a checked address is the
one that is dialled, so a second answer of the DNS changes nothing; private, local and special networks
are refused in all their spellings; no redirect is followed, no proxy and no cookie used; bytes and
seconds are bounded. No address is in an error: only its host is, for the rest may hold a secret.
Leaves to others: which hosts the operator allows, and what an answer means.

Based on OWASP's "Server-Side Request Forgery Prevention"; Python's `is_global` is true for multicast,
NAT64, 6to4 and Teredo, which lead on to other addresses, and for networks of providers' own services
(IANA's special-purpose registries; the metadata of Oracle's cloud, the host of Azure's), so these are
refused by name.
"""

import json
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from socket import SOCK_STREAM
from typing import cast

import anyio
import httpcore2
import httpx2
from pydantic import JsonValue

from use_cases.kernel.errors import AddressRefused, UpstreamFailed, UpstreamTimeout
from use_cases.kernel.ports import GuardedWeb, WebAnswer

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns the addresses of a host. Raises `OSError`."""

_DEFAULT_PORT = 443
_CLOSED = (
    IPv4Network("192.0.0.0/24"),  # protocol assignments; Oracle's metadata
    IPv4Network("192.88.99.0/24"),  # relays of 6to4
    IPv4Network("168.63.129.16/32"),  # Azure's host
    IPv6Network("64:ff9b::/96"),  # NAT64
    IPv6Network("64:ff9b:1::/48"),  # NAT64 within a site
    IPv6Network("2002::/16"),  # 6to4
    IPv6Network("2001::/23"),  # protocol assignments; Teredo
    IPv6Network("3fff::/20"),  # documentation
    IPv6Network("::/96"),  # IPv4-compatible, out of use
)


async def system_addresses(host: str, port: int) -> Sequence[str]:
    """Returns the addresses that the system's resolver gives."""
    found = await anyio.getaddrinfo(host, port, type=SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def is_public(address: str) -> bool:
    """Returns whether an IP address is one of the public internet."""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        if ip.is_site_local:
            return False
        ip = ip.ipv4_mapped or ip
    return (
        ip.is_global
        and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)
        and not any(ip in network for network in _CLOSED)
    )


class GuardedRequests:
    """Requests over https to public hosts, on the default port.

    `allowed_hosts` (`hooks.internal`, `localhost:8080`) may also be private, speak http, and use any
    port (only the named one where one is named). `seconds` bound a whole request, `most_bytes` its
    answer.
    """

    def __init__(
        self,
        allowed_hosts: Collection[str] = (),
        *,
        seconds: float = 10.0,
        most_bytes: int = 1_000_000,
        resolve: Resolve = system_addresses,
    ) -> None:
        self._allowed = frozenset(host.lower() for host in allowed_hosts)
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._resolve = resolve
        self._pool: httpcore2.AsyncConnectionPool | None = None

    async def get(self, url: str) -> WebAnswer:
        """Returns the answer to a GET request."""
        return await self._send("GET", url)

    async def post_json(self, url: str, body: bytes) -> WebAnswer:
        """Returns the answer to a POST of a JSON document."""
        stated = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        return await self._send("POST", url, stated, body)

    async def close(self) -> None:
        """Closes the connections."""
        if self._pool is not None:
            await self._pool.aclose()
            self._pool = None

    async def _send(
        self,
        method: str,
        url: str,
        stated: Sequence[tuple[str, str]] = (),
        body: bytes | None = None,
    ) -> WebAnswer:
        target = self._checked(url)
        host = target.host.decode("ascii")
        named = host if target.port is None else f"{host}:{target.port}"
        # No compression: a small answer could unfold to a large one.
        headers = [
            ("Host", named),
            ("Accept-Encoding", "identity"),
            ("User-Agent", "Candor"),
            *stated,
        ]
        try:
            # The timeouts of a client are per read: an answer that drips would never end.
            with anyio.fail_after(self._seconds):
                async with self._connections().stream(
                    method, target, headers=headers, content=body
                ) as response:
                    return await self._read(host, response)
        except (TimeoutError, httpcore2.TimeoutException):
            raise UpstreamTimeout(f"{host} did not answer in {self._seconds:g} s.") from None
        except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError):
            raise UpstreamFailed(f"{host} could not be reached.", hint=_REACH_HINT) from None

    async def _read(self, host: str, response: httpcore2.Response) -> WebAnswer:
        headers = {name.lower(): value for name, value in response.headers}
        if headers.get(b"content-encoding", b"identity") != b"identity":
            raise UpstreamFailed(f"{host} sent a compressed answer, which was not asked for.")
        body = bytearray()
        async for piece in response.aiter_stream():
            body += piece
            if len(body) > self._most_bytes:
                raise UpstreamFailed(
                    f"{host} sent more than {self._most_bytes:,} bytes.", hint="Answer with less."
                )
        kind = headers.get(b"content-type", b"").decode("ascii", "replace")
        return WebAnswer(response.status, kind, bytes(body))

    def _checked(self, url: str) -> httpcore2.URL:
        """Returns the parsed address, which is the one that is requested. Raises `AddressRefused`."""
        try:
            parsed = httpx2.URL(url)
        except (httpx2.InvalidURL, UnicodeError, ValueError):
            raise AddressRefused("The address is not a URL.") from None
        host = parsed.raw_host.decode("ascii")
        if not host or parsed.userinfo:
            raise AddressRefused("The address has no host, or a user's name before it.")
        if parsed.scheme not in {"http", "https"}:
            raise AddressRefused("Only http and https addresses are requested.")
        port = parsed.port or (_DEFAULT_PORT if parsed.scheme == "https" else 80)
        if not self._allows(host, port) and (parsed.scheme, port) != ("https", _DEFAULT_PORT):
            raise AddressRefused(f"{host} must be requested over https, on port {_DEFAULT_PORT}.")
        return httpcore2.URL(
            scheme=parsed.scheme, host=host, port=parsed.port, target=parsed.raw_path
        )

    def _allows(self, host: str, port: int) -> bool:
        return host.lower() in self._allowed or f"{host.lower()}:{port}" in self._allowed

    async def _addresses(self, host: str, port: int) -> Sequence[str]:
        """Returns the addresses of a host, all of them checked."""
        addresses = await self._resolve(host, port)
        if not self._allows(host, port) and not all(is_public(each) for each in addresses):
            raise AddressRefused(f"{host} lies in a network that is not public.")
        return addresses

    def _connections(self) -> httpcore2.AsyncConnectionPool:
        if self._pool is None:
            self._pool = httpcore2.AsyncConnectionPool(
                ssl_context=httpx2.create_ssl_context(trust_env=False),
                keepalive_expiry=5.0,
                network_backend=_CheckedDialling(self._addresses),
            )
        return self._pool


_REACH_HINT = "Check the address, and that the server runs."


class _CheckedDialling(httpcore2.AsyncNetworkBackend):
    """Dials addresses that were checked, never a name."""

    def __init__(self, addresses: Resolve) -> None:
        self._addresses = addresses
        self._network = cast("httpcore2.AsyncNetworkBackend", httpcore2.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  (httpcore's interface)
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connects to the first address of the host that answers."""
        failed: Exception = httpcore2.ConnectError("no address")
        for address in await self._addresses(host, port):
            try:
                return await self._network.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except httpcore2.ConnectError as error:
                failed = error
        raise failed


_SUCCESSES = range(200, 300)


class JsonWebhook:
    """Posts to addresses that `web` allows."""

    def __init__(self, web: GuardedWeb) -> None:
        self._web = web

    async def post(self, url: str, body: Mapping[str, JsonValue]) -> JsonValue:
        """Returns the reply. Raises `UpstreamFailed` for an error status or a reply that is no JSON.

        Raises the errors of `GuardedWeb`, too.
        """
        # As ASCII: half of a surrogate pair, which a model may write, has no other form.
        answer = await self._web.post_json(url, json.dumps(dict(body)).encode("ascii"))
        if answer.status not in _SUCCESSES:
            raise UpstreamFailed(f"The webhook answered with status {answer.status}.")
        try:
            return cast("JsonValue", json.loads(answer.body))
        except (ValueError, RecursionError):
            raise UpstreamFailed("The webhook did not answer with JSON.") from None
