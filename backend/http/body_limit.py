"""Bounds every request body while it is read, whether or not its length was announced.

An announced length over the limit is refused before a byte is read; an unannounced one as soon as
the limit is passed. Some paths have a limit of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.http.asgi import header, route_path, send_problem
from use_cases.kernel.errors import TooLarge

ENVELOPE = 64 * 1024
"""What a multipart body adds to the file: boundaries, part headers, the other fields."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How many bytes, and the setting that says so."""

    size: int
    setting: str


class BodyTooLarge(HTTPException):
    """Our error in the one shape that FastAPI lets through while it reads a body."""

    def __init__(self, error: TooLarge) -> None:
        super().__init__(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, error.detail)
        self.error = error


class BodyLimit:
    """ASGI middleware; `paths` are those with a limit of their own."""

    def __init__(self, app: ASGIApp, *, body: Limit, paths: Mapping[str, Limit]) -> None:
        self._app = app
        self._body = body
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._paths.get(route_path(scope), self._body)
        announced = header(scope, "content-length") or ""
        # Leading digits are enough: Python refuses to read a number of thousands of them.
        if announced.isdecimal() and int(announced[:20]) > limit.size:
            await send_problem(send, _too_large(limit))
            return
        await self._app(scope, _counting(receive, limit), send)


def _counting(receive: Receive, limit: Limit) -> Receive:
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit.size:
            # FastAPI turns any other exception while it reads a body into a 400 of its own.
            raise BodyTooLarge(_too_large(limit))
        return message

    return counted


def _too_large(limit: Limit) -> TooLarge:
    return TooLarge(
        f"The request body is larger than {limit.size // 1024} KiB.",
        hint=f"Send less, or raise {limit.setting}.",
    )
