"""Serves an address below `/api/v1` also with a slash at its end.

A redirect instead would lose the body of a POST in clients that do not follow it.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from backend.http.middleware.asgi import route_path

_PREFIX = "/api/v1/"


class TrailingSlashMiddleware:
    """ASGI middleware; see the module."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http":
            path = route_path(scope)
            if path.startswith(_PREFIX) and path.endswith("/"):
                scope = {**scope, "path": str(scope["path"]).rstrip("/")}
        await self._app(scope, receive, send)
