"""Bounds every request body while it is read, whether or not its length was announced.

An announced length over the limit is refused before a byte is read; an unannounced one as soon as
the limit is passed. Uploads have a limit of their own.
"""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.http.asgi import header, send_problem
from use_cases.kernel.errors import TooLarge

UPLOAD_PATH = "/knowledge/documents"
_ENVELOPE = 64 * 1024
"""What a multipart body adds to the file: boundaries, part headers, the other fields."""


class BodyLimit:
    """ASGI middleware; limits in bytes."""

    def __init__(self, app: ASGIApp, *, body: int, upload: int) -> None:
        self._app = app
        self._body = body
        self._upload = upload + _ENVELOPE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._upload if scope["path"] == UPLOAD_PATH else self._body
        announced = header(scope, "content-length") or ""
        if announced.isdecimal() and int(announced) > limit:
            await send_problem(send, TooLarge(_sentence(limit)))
            return
        await self._app(scope, _counting(receive, limit), send)


def _counting(receive: Receive, limit: int) -> Receive:
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            # FastAPI turns any other exception while it reads a body into a 400 of its own.
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _sentence(limit))
        return message

    return counted


def _sentence(limit: int) -> str:
    return f"The request body is over {limit // 1024} KiB."
