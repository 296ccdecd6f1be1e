"""The outermost middlewares: an id, a count and a span for each request, and an answer to unhandled
exceptions.

Promises: every response carries `X-Request-ID` (the caller's own, if it is well-formed) and every
log line of the request too, with its chat and run; an unhandled exception is logged with its
traceback and answered with status 500, without its text.

Of the figures: client input never becomes a label; responses of other middlewares are counted too; a
stream lasts until its last byte. Reads only problems, which are small; changes nothing.
"""

import json
import re
import secrets
import time
from http import HTTPStatus
from typing import cast

from loguru import logger
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.composition.container import Container
from backend.errors import InternalError
from backend.http.middleware.asgi import (
    PROBLEM_TYPE,
    header,
    is_openai,
    route_path,
    send_problem,
    template,
)
from backend.http.middleware.browser_safety import protect
from backend.observability.log_lines import request_id
from backend.observability.metrics import HttpFigures
from use_cases.kernel.runs.surroundings import label, labelled, labels

REQUEST_ID = "X-Request-ID"
_SANE = re.compile(r"[A-Za-z0-9._\-]{1,64}")


_VERSIONED = "/api/v1/"


class RequestMiddleware:
    """ASGI middleware; see the module."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = _without_slash(scope)
        given = header(scope, REQUEST_ID) or ""
        own = given if _SANE.fullmatch(given) else secrets.token_hex(8)
        token = request_id.set(own)
        figures = cast("Container", scope["app"].state.candor).metrics.http
        answer = _ResponseSender(send, own, scope, figures)
        begun = time.monotonic()
        with labelled():
            try:
                await self._app(scope, receive, answer.send)
            except Exception:  # noqa: BLE001  (the last door before the server: it must answer)
                logger.exception("{} {} failed", scope["method"], scope["path"])
                # A response that has begun cannot be replaced; the server closes the connection.
                if answer.status is None:
                    error = InternalError("The server failed to handle the request.")
                    await send_problem(scope, answer.send, error, request_id=own)
            finally:
                request_id.reset(token)
                # A client that left before there was an answer was given none.
                if answer.status is not None:
                    seconds = time.monotonic() - begun
                    figures.record_request(template(scope), scope["method"], answer.status, seconds)


class _ResponseSender:
    """Sends the response with the headers that every response carries, and records its status and the
    code of a problem.
    """

    def __init__(self, send: Send, own: str, scope: Scope, figures: HttpFigures) -> None:
        self._send = send
        self._id = own
        self._scope = scope
        self._figures = figures
        self._is_problem = False
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            headers = MutableHeaders(scope=message)
            kind = headers.get("content-type", "")
            refused = self.status >= HTTPStatus.BAD_REQUEST and is_openai(self._scope)
            self._is_problem = kind.startswith(PROBLEM_TYPE) or refused
            headers[REQUEST_ID] = self._id
            protect(headers, self._scope)
        elif self._is_problem:
            self._is_problem = False
            self._figures.record_problem(_code(message.get("body", b"")))
        await self._send(message)


def _without_slash(scope: Scope) -> Scope:
    """Returns the request at its address without a slash at the end: a redirect instead would lose the
    body of a POST in clients that do not follow it.
    """
    path = route_path(scope)
    if path.startswith(_VERSIONED) and path.endswith("/"):
        return {**scope, "path": str(scope["path"]).rstrip("/")}
    return scope


def _code(body: bytes) -> str:
    """Returns the code of one of our own problems, or of an error in OpenAI's form; each is sent whole."""
    problem = cast("dict[str, dict[str, object]]", json.loads(body))
    return str(problem.get("error", problem)["code"])


class TracingMiddleware:
    """ASGI middleware; passes requests on where tracing is off."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        tracing = None
        if scope["type"] == "http":
            tracing = cast("Container", scope["app"].state.candor).tracing
        if tracing is None:
            await self._app(scope, receive, send)
            return
        from opentelemetry.trace import Status, StatusCode  # only where traces are wanted

        status = HTTPStatus.INTERNAL_SERVER_ERROR.value

        async def observe(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with tracing.request(scope["method"], Headers(scope=scope)) as span:
            label(trace_id=f"{span.get_span_context().trace_id:032x}")
            try:
                await self._app(scope, receive, observe)
            finally:
                route = template(scope)
                span.update_name(f"{scope['method']} {route or '(no route)'}")
                span.set_attribute("http.request.method", scope["method"])
                span.set_attribute("http.response.status_code", status)
                if route is not None:
                    span.set_attribute("http.route", route)
                span.set_attribute("candor.request_id", request_id.get() or "")
                for name in ("chat_id", "run_id"):
                    if found := labels().get(name):
                        span.set_attribute(f"candor.{name}", found)
                if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    span.set_status(Status(StatusCode.ERROR))
