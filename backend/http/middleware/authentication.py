"""Tells who sends a request before a byte of its body is read, and lets nobody else in.

With `AUTH_MODE=required` every request needs an API key, in `X-API-Key` or as a bearer token, but
for the public pages; also those at addresses that do not exist. A key in the address is not read:
addresses stand in logs and histories. Leaves to others: what a key may be used for (the routes say
so, see `backend/http/dependencies.py`), and whose things are whose (the use cases).
"""

from contextlib import AsyncExitStack
from http import HTTPStatus
from typing import cast

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.composition.container import Container
from backend.errors import doors
from backend.http.middleware.asgi import header, route_path, send_problem
from backend.http.middleware.rate_limit import Limits
from backend.observability.logs import log_fault
from use_cases.kernel.errors import CandorError, Unauthenticated
from use_cases.kernel.identity.api_key import ApiKey
from use_cases.kernel.identity.errors import ApiKeyInvalid
from use_cases.kernel.model import LOCAL, Caller
from use_cases.kernel.runs.log_labels import label

API_KEY = "X-API-Key"
PUBLIC = frozenset({"/", "/health", "/docs", "/openapi.json"})
"""Pages that anyone may read. They tell a stranger nothing about what is stored."""
ASKING = frozenset(
    ("POST", path)
    for path in (
        "/chat",
        "/chat/stream",
        "/api/chat",
        "/advice",
        "/advice-non-streaming",
        "/api/advice",
    )
)
"""What makes a model work, and so has the lower limit."""

UPLOADING = ("POST", "/knowledge/documents")

_READING = frozenset({"GET", "HEAD"})


class Identified:
    """ASGI middleware; see the module. `caller_of` tells what it found."""

    def __init__(self, app: ASGIApp, *, required: bool, limits: Limits) -> None:
        self._app = app
        self._required = required
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        async with AsyncExitStack() as held:
            try:
                await self._admit(scope, held)
            except CandorError as error:
                if doors(error).status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    log_fault(error)
                await send_problem(send, error)
                return
            await self._app(scope, receive, send)

    async def _admit(self, scope: Scope, held: AsyncExitStack) -> None:
        """Say who it is and count the request; what `held` holds is let go when it is answered."""
        candor = cast("Container", cast("Starlette", scope["app"]).state.candor)
        now = candor.clock.monotonic()
        key = await self._key(candor, scope, now) if self._required else None
        caller = key.caller if key else None if self._required else LOCAL
        scope.setdefault("state", {})["caller"] = caller
        if key is not None:
            label(user=key.user_id, key=key.key_id)
            candor.identity.last_uses.note(key, candor.clock.now())
        if caller is None:  # a stranger on a public page
            return
        if (scope["method"], route_path(scope)) in ASKING:
            await held.enter_async_context(self._limits.ask(candor, key))
        elif (scope["method"], route_path(scope)) == UPLOADING:
            await self._limits.read(candor, key)
            held.enter_context(self._limits.upload(key))
        else:
            await self._limits.read(candor, key)

    async def _key(self, candor: Container, scope: Scope, now: float) -> ApiKey | None:
        """The key that was sent; None for a public page without one."""
        presented = _presented(scope)
        if presented is None:
            if scope["method"] in _READING and route_path(scope) in PUBLIC:
                return None
            self._limits.fail(_address(scope), now)
            raise Unauthenticated("This server answers only requests that carry an API key.")
        try:
            return await candor.identity.identify.run(presented)
        except ApiKeyInvalid:
            self._limits.fail(_address(scope), now)
            raise


def caller_of(scope: Scope) -> Caller | None:
    """Who sends this request; None for a stranger on a public page."""
    return cast("Caller | None", scope.get("state", {}).get("caller"))


def _presented(scope: Scope) -> str | None:
    given = header(scope, API_KEY)
    if given:
        return given
    # Other schemes belong to whoever stands in front of the server, such as a proxy's own login.
    scheme, _, token = (header(scope, "authorization") or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _address(scope: Scope) -> str:
    """The other end; a Unix socket has none."""
    client = scope.get("client")
    return str(client[0]) if client else ""
