"""Refuses writes that a page of another site makes with a user's session (CSRF).

A write with a session needs two things. First, the header `X-CSRF-Protection`: a form cannot send one,
and a script of another origin only after a preflight request, which CORS answers for named origins
alone. Second, a page of an own origin, by the headers that browsers add and no script can change:
`Sec-Fetch-Site: same-origin`, or an `Origin` that is this server's or is named. SameSite cookies come
on top. Requests with an API key need nothing: no browser adds one by itself.

Based on OWASP's "Cross-Site Request Forgery Prevention" (custom request headers, fetch metadata, source
origin) and ASVS 3.5.1 and 3.5.3.
"""

from collections.abc import Collection

from starlette.types import Scope

from backend.http.middleware.asgi import header
from use_cases.kernel.identity.errors import CrossSiteWrite

CSRF_HEADER = "X-CSRF-Protection"
READING = frozenset({"GET", "HEAD", "OPTIONS"})


def refuse_cross_site_write(scope: Scope, origins: Collection[str]) -> None:
    """Raise `CrossSiteWrite` unless the request reads, or comes from a page of an own origin."""
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
