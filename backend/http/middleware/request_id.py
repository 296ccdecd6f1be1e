"""The outermost middleware: gives each request an id, and answers unhandled exceptions.

Promises: every response carries `X-Request-ID` (the caller's own, if it is well-formed) and every
log line of the request too, with its chat and run; an unhandled exception is logged with its
traceback and answered with status 500, without its text.
"""

import re
import secrets

from loguru import logger
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.errors import InternalError
from backend.http.middleware.asgi import header, send_problem
from backend.http.middleware.browser_safety import protect
from backend.observability.logs import request_id
from use_cases.kernel.runs.run_log import labelled

REQUEST_ID = "X-Request-ID"
_SANE = re.compile(r"[A-Za-z0-9._\-]{1,64}")


class RequestIdMiddleware:
    """ASGI middleware; see the module."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = header(scope, REQUEST_ID) or ""
        own = given if _SANE.fullmatch(given) else secrets.token_hex(8)
        token = request_id.set(own)
        answer = _ResponseSender(send, own, scope)
        with labelled():
            try:
                await self._app(scope, receive, answer.send)
            except Exception:  # noqa: BLE001  (the last door before the server: it must answer)
                logger.exception("{} {} failed", scope["method"], scope["path"])
                # A response that has begun cannot be replaced; the server closes the connection.
                if not answer.begun:
                    error = InternalError("The server failed to handle the request.")
                    await send_problem(answer.send, error, request_id=own)
            finally:
                request_id.reset(token)


class _ResponseSender:
    """Sends the response with the headers that every response carries, and records its beginning."""

    def __init__(self, send: Send, own: str, scope: Scope) -> None:
        self._send = send
        self._id = own
        self._scope = scope
        self.begun = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(scope=message)
            headers[REQUEST_ID] = self._id
            protect(headers, self._scope)
        await self._send(message)
