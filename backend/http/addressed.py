"""Local mode has no logins: this middleware lets in only what this machine's own person can have sent.

Three ways in for a stranger, each closed with status 403 and the code `host_refused`:
another machine on the network (the connection must be on a loopback address), a web page that
points a name of its own at 127.0.0.1 (DNS rebinding; the Host header must be an allowed name), and
a web page that posts a form across sites (the Origin of a writing request must be allowed).
"""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from backend.addresses import is_loopback
from backend.errors import HostRefused
from backend.http.asgi import header, send_problem

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class Addressed:
    """ASGI middleware; see the module. `*` in `hosts` allows every name, not every origin."""

    def __init__(
        self, app: ASGIApp, *, hosts: Collection[str], origins: Collection[str], public: bool
    ) -> None:
        self._app = app
        self._hosts = {host.strip("[]").lower() for host in hosts}
        self._origins = {origin.rstrip("/").lower() for origin in origins}
        self._public = public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        reason = self._objection(scope) if scope["type"] == "http" else None
        if reason is None:
            await self._app(scope, receive, send)
        else:
            await send_problem(send, HostRefused(reason))

    def _objection(self, scope: Scope) -> str | None:
        server = scope.get("server")
        # A Unix socket has a path and no port; who may open it is the file system's matter.
        if not self._public and server and server[1] and not is_loopback(server[0]):
            return "In local mode this server answers this machine only."
        host = _host_name(header(scope, "host") or "")
        if not self._allows(host):
            return "The Host header is not a name that this server answers to."
        origin = header(scope, "origin")
        if origin is None or scope["method"] in _READING:
            return None
        if origin.lower() in self._origins or self._same_or_local(origin, host):
            return None
        return "A web page from another site may not write here."

    def _allows(self, host: str) -> bool:
        return "*" in self._hosts or host in self._hosts

    def _same_or_local(self, origin: str, host: str) -> bool:
        """A page of the very host that is addressed, or of a named one (on any port)."""
        name = _host_name(origin.partition("://")[2])
        return bool(name) and (name == host or name in self._hosts)


def _host_name(authority: str) -> str:
    """`[::1]:8000` is `::1`; nonsense is an empty name, which no setting allows."""
    try:
        return urlsplit(f"//{authority}").hostname or ""
    except ValueError:
        return ""
