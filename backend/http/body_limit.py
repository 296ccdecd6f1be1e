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


class BodyTooLarge(HTTPException):
    """Our error in the one shape that FastAPI lets through while it reads a body."""

    def __init__(self, error: TooLarge) -> None:
        super().__init__(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, error.detail)
        self.error = error


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
        uploading = scope["path"] == UPLOAD_PATH
        limit = self._upload if uploading else self._body
        setting = "MAX_UPLOAD_MB" if uploading else "MAX_BODY_KB"
        announced = header(scope, "content-length") or ""
        if announced.isdecimal() and int(announced) > limit:
            await send_problem(send, _too_large(limit, setting))
            return
        await self._app(scope, _counting(receive, limit, setting), send)


def _counting(receive: Receive, limit: int, setting: str) -> Receive:
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            # FastAPI turns any other exception while it reads a body into a 400 of its own.
            raise BodyTooLarge(_too_large(limit, setting))
        return message

    return counted


def _too_large(limit: int, setting: str) -> TooLarge:
    return TooLarge(
        f"The request body is over {limit // 1024} KiB.", hint=f"Send less, or raise {setting}."
    )
