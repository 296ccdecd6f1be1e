"""Middleware for browsers: allowed hosts and origins, writes of other sites, security headers.

A write with a session needs two things. First, the header `X-CSRF-Protection`: a form cannot send one,
and a script of another origin only after a preflight request, which CORS answers for named origins
alone. Second, a page of an own origin, by the headers that browsers add and no script can change:
`Sec-Fetch-Site: same-origin`, or an `Origin` that is this server's or is named. SameSite cookies come
on top. Requests with an API key need nothing: no browser adds one by itself.

Based on OWASP's "Cross-Site Request Forgery Prevention" (custom request headers, fetch metadata, source
origin) and ASVS 3.5.1 and 3.5.3.

Security headers are on every response; a route may set stricter or other values (the pages have a content policy of their own).

Three attacks are refused with status 403 and the code `host_refused`: another machine on the
network (in local mode the connection must be on a loopback address), a web page that points a name
of its own at 127.0.0.1 (DNS rebinding; the Host header must be an allowed name), and a web page
that posts a form across sites (the Origin of a writing request must be allowed).
"""

import re
from collections.abc import Collection

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.addresses import is_loopback
from backend.errors import HostRefused
from backend.http.middleware.asgi import header, host_name, send_problem
from use_cases.kernel.identity.errors import CrossSiteWrite

CSRF_HEADER = "X-CSRF-Protection"
READING = frozenset({"GET", "HEAD", "OPTIONS"})


def refuse_cross_site_write(scope: Scope, origins: Collection[str]) -> None:
    """Raises `CrossSiteWrite` unless the request reads, or comes from a page of an own origin."""
    if scope["method"] in READING:
        return
    if not header(scope, CSRF_HEADER):
        raise CrossSiteWrite(f"A write with a session needs the header {CSRF_HEADER}.")
    origin = (header(scope, "origin") or "").lower()
    if origin and origin in origins:
        return
    site = header(scope, "sec-fetch-site")
    if site == "same-origin":
        return
    # Browsers without fetch metadata. The scheme is not compared: a proxy may end TLS in front of us.
    own = (header(scope, "host") or "").lower()
    if site is None and own and origin.partition("://")[2] == own:
        return
    raise CrossSiteWrite("The request does not come from a page of this server.")


_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_A_YEAR = "max-age=31536000"


def protect(headers: MutableHeaders, scope: Scope) -> None:
    """Adds the headers that the response does not set itself.

    HSTS only where the request came by HTTPS (a proxy states it in X-Forwarded-Proto), and never
    for a loopback name: a browser would from then on refuse every plain server on this machine.
    """
    for name, value in _ALWAYS.items():
        headers.setdefault(name, value)
    host = host_name(header(scope, "host") or "")
    if scope.get("scheme") == "https" and host and not is_loopback(host):
        headers.setdefault("Strict-Transport-Security", _A_YEAR)


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
        """Handles one request."""
        reason = self._objection(scope) if scope["type"] == "http" else None
        if reason is None:
            await self._app(scope, receive, send)
        else:
            await send_problem(scope, send, HostRefused(reason))

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
        """Returns whether the page is of the addressed host, or of a named one (on any port)."""
        name = host_name(origin.partition("://")[2])
        return bool(name) and (name == host or name in self._hosts)
