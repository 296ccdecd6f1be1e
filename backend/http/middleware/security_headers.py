"""Security headers for browsers, on every response.

A route may set stricter or other values (the pages have a content policy of their own).
"""

from starlette.datastructures import MutableHeaders
from starlette.types import Scope

from backend.addresses import is_loopback
from backend.http.middleware.asgi import header, host_name

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
    """Add the headers that the response does not set itself.

    HSTS only where the request came by HTTPS (a proxy states it in X-Forwarded-Proto), and never
    for a loopback name: a browser would from then on refuse every plain server on this machine.
    """
    for name, value in _ALWAYS.items():
        headers.setdefault(name, value)
    host = host_name(header(scope, "host") or "")
    if scope.get("scheme") == "https" and host and not is_loopback(host):
        headers.setdefault("Strict-Transport-Security", _A_YEAR)
