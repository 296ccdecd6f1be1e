"""Bounds the body of a request in size and in time.

An announced length over the limit is refused before a byte is read; an unannounced one as soon as
the limit is passed. Some paths have a limit of their own. A body has some seconds, and one more for
each `BYTES_PER_SECOND` received; then the request is answered with status 408.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import anyio
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.errors import RequestTooSlow, doors
from backend.http.middleware.asgi import header, route_path, send_problem
from use_cases.kernel.errors import CandorError, TooLarge

BYTES_PER_SECOND = 16 * 1024
ENVELOPE = 64 * 1024
"""The size of a multipart body beside the file: boundaries, part headers, the other fields."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A number of bytes, and the setting that defines it; empty for a constant."""

    size: int
    setting: str = ""


class BodyRefused(HTTPException):
    """Our error in the one form that FastAPI lets through while it reads a body."""

    def __init__(self, error: CandorError) -> None:
        super().__init__(doors(error).status, error.detail)
        self.error = error


class BodyLimitMiddleware:
    """ASGI middleware; `paths` are those with a limit of their own, where `*` stands for one segment;
    `seconds` is the time for a body.
    """

    def __init__(
        self, app: ASGIApp, *, body: Limit, paths: Mapping[str, Limit], seconds: float
    ) -> None:
        self._app = app
        self._seconds = seconds
        self._body = body
        self._paths = [
            (re.compile("[^/]+".join(map(re.escape, path.split("*")))), limit)
            for path, limit in paths.items()
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = route_path(scope)
        limit = next((own for form, own in self._paths if form.fullmatch(path)), self._body)
        announced = header(scope, "content-length") or ""
        # Leading digits are enough: Python refuses to read a number of thousands of them.
        if announced.isdecimal() and int(announced[:20]) > limit.size:
            await send_problem(scope, send, _too_large(limit))
            return
        await self._app(scope, _limited_receive(receive, limit, self._seconds), send)


def _limited_receive(receive: Receive, limit: Limit, seconds: float) -> Receive:
    taken, over = 0, False
    end = anyio.current_time() + seconds

    async def receive_limited() -> Message:
        nonlocal taken, over
        if over:  # what is waited for now is that the client leaves
            return await receive()
        message = None
        with anyio.move_on_after(end + taken / BYTES_PER_SECOND - anyio.current_time()):
            message = await receive()
        # FastAPI turns any other exception while it reads a body into a 400 of its own.
        if message is None:
            raise BodyRefused(RequestTooSlow("The request's body did not come in time."))
        taken += len(message.get("body", b""))
        over = not message.get("more_body", False)
        if taken > limit.size:
            raise BodyRefused(_too_large(limit))
        return message

    return receive_limited


def _too_large(limit: Limit) -> TooLarge:
    return TooLarge(
        f"The request body is larger than {limit.size // 1024} KiB.",
        hint=f"Send less, or raise {limit.setting}." if limit.setting else "Send less.",
    )
