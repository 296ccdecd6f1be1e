"""Admits only requests that are addressed to this server, from allowed origins.

Three attacks are refused with status 403 and the code `host_refused`: another machine on the
network (in local mode the connection must be on a loopback address), a web page that points a name
of its own at 127.0.0.1 (DNS rebinding; the Host header must be an allowed name), and a web page
that posts a form across sites (the Origin of a writing request must be allowed).
"""

import re
from collections.abc import Collection

from starlette.types import ASGIApp, Receive, Scope, Send

from backend.addresses import is_loopback
from backend.errors import HostRefused
from backend.http.middleware.asgi import header, host_name, send_problem

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class AllowedHostsMiddleware:
    """ASGI middleware; see the module. `*` in `hosts` allows every name, not every origin.

    `local_page`: the origins that CORS admits beside the named ones. `public`: other machines may
    connect, because a key is required or access is open.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Collection[str],
        origins: Collection[str],
        local_page: re.Pattern[str] | None,
        public: bool,
    ) -> None:
        self._app = app
        self._hosts = {host.strip("[]").lower() for host in hosts}
        self._origins = {origin.rstrip("/").lower() for origin in origins}
        self._local_page = local_page
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
            return "In local mode, this server answers only this machine."
        host = host_name(header(scope, "host") or "")
        if not self._allows(host):
            return "The Host header is not in ALLOWED_HOSTS."
        origin = header(scope, "origin")
        if origin is None or scope["method"] in _READING:
            return None
        origin = origin.lower()
        named = "*" in self._origins or origin in self._origins
        local = self._local_page is not None and self._local_page.fullmatch(origin)
        if named or local or self._same_or_local(origin, host):
            return None
        return "A web page from another site may not write here."

    def _allows(self, host: str) -> bool:
        return "*" in self._hosts or host in self._hosts

    def _same_or_local(self, origin: str, host: str) -> bool:
        """Return whether the page is of the addressed host, or of a named one (on any port)."""
        name = host_name(origin.partition("://")[2])
        return bool(name) and (name == host or name in self._hosts)
