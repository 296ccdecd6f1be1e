"""The middleware stack of the application, from its settings, and the writing of key uses.

From the outside in: `RequestMiddleware` (ids, headers, figures), `TracingMiddleware` where requests are
traced, `AllowedHostsMiddleware` (hosts, origins), CORS, `AuthenticationMiddleware`
(keys, limits). CORS stands outside of authentication, so that a page can read the reason of a
refusal, and the browser's preflight request, which carries no key, is answered. In local mode it lets in
pages of this machine, such as a frontend under development on another port.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from http import HTTPStatus

import anyio
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from loguru import logger
from starlette.datastructures import Headers
from starlette.responses import Response

from backend.addresses import LOCAL_PAGE
from backend.composition.container import Container
from backend.errors import HostRefused, doors, problem
from backend.http.middleware.asgi import PROBLEM_TYPE, TOTAL_COUNT
from backend.http.middleware.browser_safety import AllowedHostsMiddleware
from backend.http.middleware.request_caller import AuthenticationMiddleware
from backend.http.middleware.request_figures import (
    REQUEST_ID,
    RequestMiddleware,
    TracingMiddleware,
)
from backend.settings.settings import Settings
from use_cases.kernel.errors import CandorError
from use_cases.kernel.text.plain_text import whole

_READ_BY_PAGES = (
    REQUEST_ID,
    "Retry-After",
    "X-Response-Id",
    TOTAL_COUNT,
    "X-Vercel-AI-Data-Stream",
    "X-Vercel-AI-UI-Message-Stream",
)


class NamedOrigins(CORSMiddleware):
    """CORS that says to a developer whose page is refused which setting lets it in."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """Answers what a browser asks before a page's request."""
        found = super().preflight_response(request_headers)
        origin = request_headers["origin"]
        if found.status_code == HTTPStatus.OK or self.is_allowed_origin(origin):
            return found
        error = HostRefused(
            "A web page of another origin may not call this server.",
            hint=f"Add its origin to the setting: CORS_ORIGINS={whole(origin)[:200]}"
            if origin.startswith(("http://", "https://"))
            else "Serve the page by HTTP, and add its origin to the setting CORS_ORIGINS.",
        )
        return JSONResponse(problem(error), int(doors(error).status), media_type=PROBLEM_TYPE)


def guard(app: FastAPI, settings: Settings) -> None:
    """Adds the middlewares; the last one added is the outermost."""
    required = settings.requires_keys
    origins = {*settings.cors_origins, settings.frontend_origin} - {""}
    app.add_middleware(AuthenticationMiddleware, required=required, origins=origins)
    local_page = None if required else LOCAL_PAGE
    app.add_middleware(
        NamedOrigins,
        allow_origins=settings.cors_origins,
        allow_origin_regex=local_page.pattern if local_page else None,
        allow_credentials=settings.cors_credentials,
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=["*"],  # a page that may send a request may name its own headers
        expose_headers=_READ_BY_PAGES,
    )
    app.add_middleware(
        AllowedHostsMiddleware,
        hosts=settings.allowed_hosts,
        origins=settings.cors_origins,
        local_page=local_page,
        public=required or settings.allow_public_local,
    )
    if settings.traced:
        app.add_middleware(TracingMiddleware)
    app.add_middleware(RequestMiddleware)


@asynccontextmanager
async def record_key_uses(candor: Container) -> AsyncGenerator[None]:
    """Records uses of keys while the server runs. Logs a warning where nobody can get in."""
    if not candor.settings.requires_keys:
        yield
        return
    if not candor.settings.signs_in:
        await _warn_without_keys(candor)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_keep_uses, candor)
        yield
        tasks.cancel_scope.cancel()
    await candor.identity.last_uses.flush()


async def _warn_without_keys(candor: Container) -> None:
    try:
        valid = await candor.identity.manage_keys.any_in_force()
    except CandorError as error:
        logger.error("the API keys cannot be read: {}: {}", error.code, error.detail)
        return
    if not valid:
        logger.warning(
            "no API key is valid, so all requests are refused; create one: "
            "candor keys create --user NAME --label LABEL"
        )


async def _keep_uses(candor: Container) -> None:
    try:
        await candor.identity.last_uses.run()
    except Exception:  # noqa: BLE001  (a side matter must not end the server)
        logger.exception("it is no longer kept when keys are used")
