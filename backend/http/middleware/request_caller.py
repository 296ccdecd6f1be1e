"""Authenticates and admits the request before its body is read.

With `AUTH_MODE=required` every request needs an API key, in `X-API-Key` or as a bearer token, or the
cookie of a session, except for the public pages; also requests to unknown addresses. A key is used
before a cookie. A key in the address is ignored: addresses stand in logs and histories. Leaves to
others: authorisation by scope (the routes, see `backend/http/dependencies.py`), and ownership (the use
cases).

Cookies of sessions and of sign-ins that were begun have their flags here. HttpOnly: no script reads them.
SameSite=Lax: a page of another site cannot send them with a write; Strict would also keep the attempt's
cookie from the provider's redirect back, so only a session that an API key began has it. Secure and the prefix `__Host-` where browsers reach the server
with TLS: no other host, and no plain connection, sets them.
"""

import re
from collections.abc import Collection
from contextlib import AsyncExitStack
from dataclasses import replace
from http import HTTPStatus
from typing import Literal, cast

from loguru import logger
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.composition.container import Container
from backend.errors import doors
from backend.http.middleware.asgi import header, route_path, send_problem
from backend.http.middleware.browser_safety import refuse_cross_site_write
from backend.observability.log_lines import log_fault
from use_cases.kernel.errors import CandorError, Unauthenticated
from use_cases.kernel.identity.errors import ApiKeyInvalid, SessionInvalid
from use_cases.kernel.model import LOCAL, Caller, Door
from use_cases.kernel.request_limits import Credential, LimitRequests, Work, caller_name
from use_cases.kernel.runs.surroundings import label

_ON_THIS_MACHINE = replace(LOCAL, door=Door.HTTP)
LONGEST_TOKEN = 200


def cookie(scope: Scope, name: str) -> str | None:
    """Returns a cookie of the request; None when it is absent or too long to be a token."""
    found = HTTPConnection(scope).cookies.get(name, "")
    return found if 0 < len(found) <= LONGEST_TOKEN else None


def keep_cookie(
    response: Response,
    name: str,
    value: str,
    *,
    seconds: int,
    tls: bool,
    same_site: Literal["lax", "strict"] = "lax",
) -> None:
    """Lets the browser keep a cookie for so many seconds; for 0, remove it."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=tls, httponly=True, samesite=same_site
    )


API_KEY = "X-API-Key"
SIGNING_IN = frozenset({"/api/auth/login", "/api/auth/callback"})
HEALTH = frozenset({"/health", "/health/live", "/health/ready"})
PUBLIC = SIGNING_IN | HEALTH | {"/", "/docs", "/redoc", "/openapi.json", "/api/auth/status"}
"""Pages without authentication, compared in full. They reveal nothing about the stored data."""
SHARED = re.compile(r"/reports/[^/]+|/api/conversations/files/[^/]+/content|/console(?:/.*)?")
"""Pages that everyone may read who knows their token, or has a signed link; and the console, which is empty
until its script asks the routes.
"""
ASKING = frozenset(
    ("POST", path)
    for path in (
        "/chat",
        "/chat/stream",
        "/api/chat",
        "/advice",
        "/advice-non-streaming",
        "/api/advice",
        "/api/v1/playground/run",
        "/api/v1/playground/ask",
        "/v1/chat/completions",
    )
)
"""The routes that run a model, and so have the lower limit."""

BENCHMARKING = ("POST", "/api/benchmark/run")

_WORKING_ON = re.compile(
    r"/api/conversations/(?:[^/]+/project-draft(?:/chat/stream)?|(?:files/)?[^/]+/summary)"
)
_UPLOADING = re.compile(
    r"/knowledge/documents|/api/conversations/(?:import|[^/]+/files)|/api/clean(?:/apply)?"
)
_READING = frozenset({"GET", "HEAD"})


class AuthenticationMiddleware:
    """ASGI middleware; see the module. `caller_of` returns its result."""

    def __init__(self, app: ASGIApp, *, required: bool, origins: Collection[str] = ()) -> None:
        """`origins` are those of pages that may write with a session, beside this server's own."""
        self._app = app
        self._required = required
        self._origins = {origin.lower() for origin in origins}
        self._said_that_keys_are_ignored = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        candor = cast("Container", cast("Starlette", scope["app"]).state.candor)
        limits = candor.identity.limits
        try:
            found = await self._credential(candor, scope) if self._required else None
        except CandorError as error:
            await _refuse(limits, f"address {address_of(scope)}", error, scope, send)
            return
        stranger = self._required and found is None  # on a public page
        self._identify(scope, found)
        async with AsyncExitStack() as places:
            try:
                if not stranger:
                    await places.enter_async_context(limits.admitted(found, _work_of(scope)))
            except CandorError as error:
                refusal = error
            else:
                await self._app(scope, receive, send)
                return
        await _refuse(limits, caller_name(found), refusal, scope, send)

    def _identify(self, scope: Scope, found: Credential) -> None:
        """States the caller, for the routes and in the log."""
        caller = found.caller if found else None if self._required else _ON_THIS_MACHINE
        scope.setdefault("state", {}).update(caller=caller, credential=found)
        if found is not None and caller is not None:
            label(user=caller.user_id, **({"key": caller.key_id} if caller.key_id else {}))
        if not self._required and not self._said_that_keys_are_ignored and _sent_key(scope):
            self._said_that_keys_are_ignored = True
            logger.warning(
                "an API key was sent, and is ignored: with AUTH_MODE=local everyone on this machine "
                "may do everything (said once)"
            )

    async def _credential(self, candor: Container, scope: Scope) -> Credential:
        """Returns the key or session that was sent; None for a public page without one."""
        limits = candor.identity.limits
        key = _sent_key(scope)
        if key is not None:
            try:
                return await candor.identity.identify.run(key)
            except ApiKeyInvalid:
                limits.fail(address_of(scope))
                raise
        refusal = Unauthenticated("This server answers only requests with an API key or a session.")
        token = cookie(scope, candor.settings.session_cookie)
        if token is not None:
            try:
                session = await candor.identity.manage_sessions.identify(token)
            except SessionInvalid as error:
                refusal = error
            else:
                refuse_cross_site_write(scope, self._origins)
                return session
        is_public = _is_public(scope)
        # A sign-in writes to the database, so an address may not begin them without end; one that
        # succeeds is forgiven (`backend/http/routes/sign_in_routes.py`).
        if not is_public or route_path(scope) in SIGNING_IN:
            limits.fail(address_of(scope))
        if is_public:  # also with a session that has ended: the sign-in gives a new one
            return None
        raise refusal


async def _refuse(
    limits: LimitRequests, who: str, error: CandorError, scope: Scope, send: Send
) -> None:
    """Answers with an error; refusals of a caller who has many of them come slowly."""
    if doors(error).status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log_fault(error)
    else:
        await limits.hold_back(who)
    await send_problem(scope, send, error)


def _work_of(scope: Scope) -> Work:
    method, path = scope["method"], route_path(scope)
    if is_question(method, path):
        return Work.QUESTION
    if is_upload(method, path):
        return Work.UPLOAD
    return Work.BENCHMARK if (method, path) == BENCHMARKING else Work.OTHER


def is_question(method: str, path: str) -> bool:
    """Returns whether a route, by its path, runs a model."""
    works = method == "POST" and _WORKING_ON.fullmatch(path) is not None
    return works or (method, path) in ASKING


def is_upload(method: str, path: str) -> bool:
    """Returns whether a route, by its path or its template, takes a file."""
    return method == "POST" and _UPLOADING.fullmatch(path) is not None


def caller_of(scope: Scope) -> Caller | None:
    """Returns the caller of this request; None for an anonymous one on a public page."""
    return cast("Caller | None", scope.get("state", {}).get("caller"))


def _is_public(scope: Scope) -> bool:
    path = route_path(scope)
    return scope["method"] in _READING and (path in PUBLIC or SHARED.fullmatch(path) is not None)


def _sent_key(scope: Scope) -> str | None:
    given = header(scope, API_KEY)
    if given:
        return given
    # Other schemes belong to a proxy in front of the server, such as its own login.
    scheme, _, token = (header(scope, "authorization") or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def address_of(scope: Scope) -> str:
    """Returns the client's address; a Unix socket has none."""
    client = scope.get("client")
    return str(client[0]) if client else ""
