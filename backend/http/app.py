"""Builds the web application: middleware, routes, problems, and the Candor that runs behind it."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import anyio
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from loguru import logger

from backend.container import Container
from backend.health import candor_version, examine
from backend.http.addressed import Addressed
from backend.http.body_limit import BodyLimit
from backend.http.problems import ProblemBody, answer_with_problems
from backend.http.requests import REQUEST_ID, Requests
from backend.http.routes import chat, knowledge, server
from backend.setting_groups.group import MEGABYTE
from backend.settings import Settings
from use_cases.kernel.errors import CandorError

KILOBYTE = 1024


def create_app(settings: Settings, build: Callable[[], Container]) -> FastAPI:
    """The application; `build` makes the Candor that lives as long as the server runs."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with build() as candor, anyio.create_task_group() as tasks:
            app.state.candor = candor
            report = await examine(candor)
            logger.info("{}: {} documents, model {}", report.status, report.documents, report.model)
            for reason in report.reasons:
                logger.warning("{}", reason)
            if report.documents:
                tasks.start_soon(_warm_up, candor)
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
    for router in (server.router, knowledge.router, chat.router):
        app.include_router(router)
    answer_with_problems(app)
    _add_middleware(app, settings)
    _describe_problems(app)
    return app


async def _warm_up(candor: Container) -> None:
    """One search, so that the first person does not wait for the model and the vectors to load."""
    try:
        await candor.search.search("warm up", limit=1)
    except CandorError as error:
        logger.warning("not warmed up: {}: {}", error.code, error.detail)


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    """The last one added is the outermost."""
    app.add_middleware(
        BodyLimit,
        body=int(settings.max_body_kb * KILOBYTE),
        upload=int(settings.max_upload_mb * MEGABYTE),
    )
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Content-Type", REQUEST_ID],
            expose_headers=[REQUEST_ID, "Retry-After"],
        )
    app.add_middleware(
        Addressed,
        hosts=settings.allowed_hosts,
        origins=settings.cors_origins,
        public=settings.allow_public_local,
    )
    app.add_middleware(Requests)


def _describe_problems(app: FastAPI) -> None:
    """Put the shape of a problem into the OpenAPI document, which the routes refer to."""
    plain = app.openapi

    def described() -> dict[str, object]:
        document = plain()
        schema = ProblemBody.model_json_schema()
        document.setdefault("components", {}).setdefault("schemas", {})["ProblemBody"] = schema
        return document

    app.openapi = described  # FastAPI's own way to extend the document
