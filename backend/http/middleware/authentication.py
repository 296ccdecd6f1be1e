"""Authenticates the request before its body is read.

With `AUTH_MODE=required` every request needs an API key, in `X-API-Key` or as a bearer token,
except for the public pages; also requests to unknown addresses. A key in the address is ignored:
addresses stand in logs and histories. Leaves to others: authorisation by scope (the routes, see
`backend/http/dependencies.py`), and ownership (the use cases).
"""

import re
from contextlib import AsyncExitStack
from http import HTTPStatus
from typing import cast

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.composition.container import Container
from backend.errors import doors
from backend.http.middleware.asgi import header, route_path, send_problem
from backend.observability.logs import log_fault
from use_cases.kernel.errors import CandorError, Unauthenticated
from use_cases.kernel.identity.api_key import ApiKey
from use_cases.kernel.identity.errors import ApiKeyInvalid
from use_cases.kernel.model import LOCAL, Caller
from use_cases.kernel.runs.log_labels import label

API_KEY = "X-API-Key"
PUBLIC = frozenset({"/", "/health", "/docs", "/openapi.json"})
"""Pages without authentication. They reveal nothing about the stored data."""
SHARED = re.compile(r"/reports/.*|/api/conversations/files/[^/]+/content")
"""Pages that everyone may read who knows their token, or has a signed link."""
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
    )
)
"""The routes that run a model, and so have the lower limit."""

BENCHMARKING = ("POST", "/api/benchmark/run")

_UPLOADING = re.compile(r"/knowledge/documents|/api/conversations/[^/]+/files")
_READING = frozenset({"GET", "HEAD"})


class AuthenticationMiddleware:
    """ASGI middleware; see the module. `caller_of` returns its result."""

    def __init__(self, app: ASGIApp, *, required: bool) -> None:
        self._app = app
        self._required = required

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        async with AsyncExitStack() as slots:
            try:
                await self._admit(scope, slots)
            except CandorError as error:
                if doors(error).status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    log_fault(error)
                await send_problem(send, error)
                return
            await self._app(scope, receive, send)

    async def _admit(self, scope: Scope, slots: AsyncExitStack) -> None:
        """Authenticate and count the request; `slots` are released when it is answered."""
        candor = cast("Container", cast("Starlette", scope["app"]).state.candor)
        key = await _key(candor, scope) if self._required else None
        caller = key.caller if key else None if self._required else LOCAL
        scope.setdefault("state", {})["caller"] = caller
        if key is not None:
            label(user=key.user_id, key=key.key_id)
        if caller is None:  # a stranger on a public page
            return
        limits = candor.identity.limits
        if (scope["method"], route_path(scope)) in ASKING:
            await slots.enter_async_context(limits.ask(key))
        elif is_upload(scope["method"], route_path(scope)):
            await limits.read(key)
            slots.enter_context(limits.upload(key))
        elif (scope["method"], route_path(scope)) == BENCHMARKING:
            await limits.read(key)
            await limits.benchmark(key)
        else:
            await limits.read(key)


def is_upload(method: str, path: str) -> bool:
    """Return whether a route, by its path or its template, takes a file."""
    return method == "POST" and _UPLOADING.fullmatch(path) is not None


def caller_of(scope: Scope) -> Caller | None:
    """Return the caller of this request; None for an anonymous one on a public page."""
    return cast("Caller | None", scope.get("state", {}).get("caller"))


async def _key(candor: Container, scope: Scope) -> ApiKey | None:
    """Return the key that was sent; None for a public page without one."""
    presented = _sent_key(scope)
    if presented is None:
        path = route_path(scope)
        if scope["method"] in _READING and (path in PUBLIC or SHARED.fullmatch(path)):
            return None
        candor.identity.limits.fail(_address(scope))
        raise Unauthenticated("This server answers only requests that carry an API key.")
    try:
        return await candor.identity.identify.run(presented)
    except ApiKeyInvalid:
        candor.identity.limits.fail(_address(scope))
        raise


def _sent_key(scope: Scope) -> str | None:
    given = header(scope, API_KEY)
    if given:
        return given
    # Other schemes belong to a proxy in front of the server, such as its own login.
    scheme, _, token = (header(scope, "authorization") or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _address(scope: Scope) -> str:
    """Return the client's address; a Unix socket has none."""
    client = scope.get("client")
    return str(client[0]) if client else ""
