"""Counts every request by its route's template, and every problem by its code.

Promises: client input never becomes a label; responses of other middlewares are counted too; a
stream lasts until its last byte. Reads only problems, which are small; changes nothing.
"""

import json
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import cast

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.composition.container import Container
from backend.errors import InternalError
from backend.http.middleware.asgi import PROBLEM_TYPE, template
from backend.observability.metrics import HttpFigures


class MetricsMiddleware:
    """ASGI middleware; see the module."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        figures = _figures(scope)
        observed = _ObservedSender(send, figures.record_problem)
        begun = time.monotonic()
        try:
            await self._app(scope, receive, observed.send)
        except Exception:
            if observed.status is None:
                # Answered outside of us, see `backend/http/middleware/request_id.py`.
                observed.status = HTTPStatus.INTERNAL_SERVER_ERROR
                figures.record_problem(InternalError.code)
            raise
        finally:
            # A client that left before there was an answer was given none.
            if observed.status is not None:
                seconds = time.monotonic() - begun
                figures.record_request(template(scope), scope["method"], observed.status, seconds)


class _ObservedSender:
    """Sends on, and records the status and the code of a problem."""

    def __init__(self, send: Send, refused: Callable[[str], None]) -> None:
        self._send = send
        self._refused = refused
        self._is_problem = False
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            kind = Headers(raw=list(message.get("headers", ()))).get("content-type", "")
            self._is_problem = kind.startswith(PROBLEM_TYPE)
        elif self._is_problem:
            self._is_problem = False
            self._refused(_code(message.get("body", b"")))
        await self._send(message)


def _figures(scope: Scope) -> HttpFigures:
    candor = cast("Container", scope["app"].state.candor)
    return candor.metrics.http


def _code(body: bytes) -> str:
    """Return the code of one of our own problems; each is sent whole."""
    problem = cast("dict[str, object]", json.loads(body))
    return str(problem["code"])
