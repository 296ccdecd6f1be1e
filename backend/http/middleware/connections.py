"""Bounds idle connections: the time to their headers, and their number.

Promises: a connection that has not sent whole headers in time is closed (with 408 once it has sent
some of them); so is one that continues to send a body after its answer; one over a limit is
answered 503 and closed at once. Loopback addresses and trusted proxies stand for many users, and
count only in the total. Each process counts for itself. Leaves the body to `body_limit.py`, and
idle connections after an answer to uvicorn.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from backend.addresses import is_loopback
from backend.errors import RequestTooSlow, ServerFull, problem
from backend.http.middleware.asgi import PROBLEM_TYPE
from backend.settings.settings import load_settings
from use_cases.kernel.errors import CandorError


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """0 is no limit."""

    header_seconds: float
    connections: int
    connections_per_address: int
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()


class BoundedConnections(H11Protocol):
    """A connection under the limits of the settings."""

    open: ClassVar[Counter[str]] = Counter()
    """Connections by address."""

    @classmethod
    def limits(cls) -> ConnectionLimits:
        """Returns the limits in force; a test may set others."""
        return _limits_of_settings()

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Counts the connection, and waits for its headers."""
        super().connection_made(transport)
        self._timer: asyncio.TimerHandle | None = None
        self._received = False
        self._draining: asyncio.TimerHandle | None = None
        self.count(self.client[0] if self.client else "")
        if self.is_over():
            self._refuse(ServerFull("The server has as many connections as it may have."))
        else:
            self._await_headers()

    def data_received(self, data: bytes) -> None:
        """Receives bytes; incomplete headers must be completed in time."""
        if self.transport.is_closing():
            return
        self._received = True
        super().data_received(data)
        if self._draining and self.conn.their_state is not h11.SEND_BODY:
            self._draining.cancel()
            self._draining = None
        if self.conn.their_state is h11.IDLE:
            self._await_headers()
        else:
            self._received = False
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """Gives the rest of an unread body as long as headers have."""
        super().on_response_complete()
        seconds = self.limits().header_seconds
        if seconds and self.conn.their_state is h11.SEND_BODY and self._draining is None:
            self._draining = self.loop.call_later(seconds, self.transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Free its place."""
        self._stop_waiting()
        if self._draining:
            self._draining.cancel()
        self.open[self._address] -= 1
        if self.open[self._address] <= 0:
            del self.open[self._address]
        super().connection_lost(exc)

    def count(self, address: str) -> None:
        """Counts one more from this address."""
        self._address = address
        self.open[address] += 1

    def is_over(self) -> bool:
        """Returns whether there are more than the limits allow, in total or from its address."""
        limits = self.limits()
        many = 0 < limits.connections < self.open.total()
        shared = is_loopback(self._address) or _is_in(self._address, limits.trusted_proxies)
        most = 0 if shared else limits.connections_per_address
        return many or 0 < most < self.open[self._address]

    def _await_headers(self) -> None:
        if self._timer is None and (seconds := self.limits().header_seconds):
            self._timer = self.loop.call_later(seconds, self._out_of_time)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _out_of_time(self) -> None:
        self._timer = None
        if self._received:
            self._refuse(RequestTooSlow("The request's headers did not come in time."))
        else:
            self.transport.close()

    def _refuse(self, error: CandorError) -> None:
        found = problem(error)
        status = HTTPStatus(found["status"])
        body = json.dumps(found, ensure_ascii=False).encode()
        head = (
            f"HTTP/1.1 {status} {status.phrase}\r\nContent-Type: {PROBLEM_TYPE}\r\n"
            f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()


@cache
def _limits_of_settings() -> ConnectionLimits:
    settings = load_settings()
    return ConnectionLimits(
        settings.request_header_seconds,
        settings.max_connections,
        settings.max_connections_per_address,
        tuple(ip_network(each, strict=False) for each in settings.trusted_proxies),
    )


def _is_in(address: str, networks: Collection[IPv4Network | IPv6Network]) -> bool:
    try:
        found = ip_address(address)
    except ValueError:  # a Unix socket has none
        return False
    return any(found in network for network in networks)
