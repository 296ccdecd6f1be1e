"""A span for each request, named by its route's template, with the ids of the log."""

from http import HTTPStatus
from typing import cast

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.composition.container import Container
from backend.http.middleware.asgi import template
from backend.observability.logs import request_id
from use_cases.kernel.runs.run_log import label, labels


class TracingMiddleware:
    """ASGI middleware; passes requests on where tracing is off."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
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
