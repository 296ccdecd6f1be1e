"""Cookies of sessions and of sign-ins that were begun: their flags, in one place.

HttpOnly: no script reads them. SameSite=Lax: a page of another site cannot send them with a write;
Strict would also keep the attempt's cookie from the provider's redirect back. Secure and the prefix
`__Host-` where browsers reach the server with TLS: no other host, and no plain connection, sets them.
"""

from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Scope

LONGEST_TOKEN = 200


def cookie(scope: Scope, name: str) -> str | None:
    """Return a cookie of the request; None when it is absent or too long to be a token."""
    found = HTTPConnection(scope).cookies.get(name, "")
    return found if 0 < len(found) <= LONGEST_TOKEN else None


def keep_cookie(response: Response, name: str, value: str, *, seconds: int, tls: bool) -> None:
    """Let the browser keep a cookie for so many seconds; for 0, remove it."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=tls, httponly=True, samesite="lax"
    )
