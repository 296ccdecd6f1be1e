"""Builds the web application: middleware, routes, problems, and the Candor that runs behind it."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from importlib import import_module

import anyio
from fastapi import FastAPI
from loguru import logger

from backend.composition.container import Container
from backend.doctor.health import candor_version, check_health
from backend.http.middleware.body_limit import ENVELOPE, BodyLimitMiddleware, Limit
from backend.http.middleware.stack import guard, record_key_uses
from backend.http.openapi import describe
from backend.http.problems import answer_with_problems
from backend.http.shutdown import graceful_shutdown
from backend.processes.beside_requests import work_in_server
from backend.registry import ROUTES
from backend.settings.group import MEGABYTE
from backend.settings.settings import Settings
from use_cases.kernel.errors import CandorError

KILOBYTE = 1024


def create_app(
    settings: Settings, build: Callable[[], Container], prepare: Callable[[], None] = lambda: None
) -> FastAPI:
    """Returns the application; `build` makes the Candor that lives as long as the server runs.

    `prepare` is called when everything stands and nothing is served yet.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with (
            build() as candor,
            record_key_uses(candor),
            graceful_shutdown(candor.chat.inflight, settings.shutdown_seconds),
            anyio.create_task_group() as tasks,
        ):
            app.state.candor = candor
            # Now: a missing package ends the start, and no request waits for what it is counted by.
            _ = candor.metrics, candor.tracing, candor.identity.limits, candor.spread_work
            await _open_store(candor)
            report = await check_health(candor)
            logger.info("{}: {} documents, model {}", report.status, report.documents, report.model)
            for reason in report.reasons:
                logger.warning("{}", reason)
            if report.documents:
                tasks.start_soon(_warm_up, candor)
            tasks.start_soon(work_in_server, candor)
            prepare()
            yield
            tasks.cancel_scope.cancel()

    app = FastAPI(
        title="Candor",
        version=candor_version(),
        summary="Answers from your documents and tables, with sources that code has verified.",
        lifespan=lifespan,
        responses={},
        docs_url=None,  # our own page at /docs: theirs loads scripts from the network
        redoc_url=None,
    )
    _add_routes(app, console=settings.console)
    answer_with_problems(app)
    _add_middleware(app, settings)
    describe(app, required=settings.requires_keys)
    return app


def _add_routes(app: FastAPI, *, console: bool) -> None:
    """Adds every route as it is: `app.include_router` would analyse each again at the first request."""
    for name in ROUTES:
        if name == "console_routes" and not console:
            continue
        routes = import_module(f"backend.http.routes.{name}")
        app.router.routes.extend(routes.router.routes)


async def _open_store(candor: Container) -> None:
    """Opens the store before the first question, so that none waits for a migration; search works
    without it.
    """
    try:
        await candor.open_store()
    except CandorError as error:
        logger.warning("the store cannot be opened: {}: {}", error.code, error.detail)


async def _warm_up(candor: Container) -> None:
    """One search, so that the first person does not wait for the model and the vectors to load. No
    provider is asked: nobody has asked anything yet.
    """
    try:
        await candor.knowledge.local_search.search("warm up", limit=1)
    except CandorError as error:
        logger.warning("not warmed up: {}: {}", error.code, error.detail)
    except Exception:  # noqa: BLE001  (a side matter must not end the server)
        logger.exception("not warmed up")


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    """The last one added is the outermost."""
    app.add_middleware(
        BodyLimitMiddleware,
        seconds=settings.request_body_seconds,
        body=Limit(int(settings.max_body_kb * KILOBYTE)),
        paths={
            "/knowledge/documents": Limit(
                int(settings.max_upload_mb * MEGABYTE) + ENVELOPE, "MAX_UPLOAD_MB"
            ),
            **dict.fromkeys(
                ("/api/clean", "/api/clean/apply"),
                Limit(int(settings.max_upload_mb * MEGABYTE) + ENVELOPE, "MAX_UPLOAD_MB"),
            ),
            "/api/v1/datasets/*/import": Limit(int(settings.max_dataset_mb * MEGABYTE) + ENVELOPE),
            "/api/conversations/import": Limit(int(settings.max_import_mb * MEGABYTE) + ENVELOPE),
            "/api/conversations/*/files": Limit(
                int(settings.max_attachment_mb * MEGABYTE) + ENVELOPE
            ),
            "/api/chat": Limit(int(settings.max_chat_body_mb * MEGABYTE)),
            "/api/advice": Limit(int(settings.max_chat_body_mb * MEGABYTE)),
            "/v1/chat/completions": Limit(int(settings.max_chat_body_mb * MEGABYTE)),
            "/v1/embeddings": Limit(int(settings.max_chat_body_mb * MEGABYTE)),
        },
    )
    guard(app, settings)
