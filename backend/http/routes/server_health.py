"""Routes of the server itself: a welcome, its health, and its figures in Prometheus' text format."""

from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from backend.doctor.health import (
    Health,
    HealthReport,
    HealthStatus,
    Liveness,
    Readiness,
    candor_version,
    check_health,
    check_readiness,
)
from backend.http.dependencies import Candor, Router, Visitor, needs
from backend.http.server_pages import (
    CONTENT_SECURITY_POLICY,
    public_page,
    routes_page,
    welcome_page,
)
from backend.observability.metrics import CONTENT_TYPE
from use_cases.kernel.model import Scope

router = Router(tags=["server"])


@router.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
async def welcome(request: Request, candor: Candor, visitor: Visitor) -> Response:
    """For a browser the console; else a page that says what runs here and what to try first, and to a
    stranger only that it runs.
    """
    if candor.settings.console and "text/html" in request.headers.get("accept", ""):
        return RedirectResponse("console", HTTPStatus.FOUND)
    report = await check_health(candor)
    content = (
        welcome_page(candor_version(), report, str(request.base_url).rstrip("/"))
        if visitor
        else public_page(report.status, signs_in=candor.identity.sign_in.configured)
    )
    return HTMLResponse(content, headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})


@router.api_route("/redoc", methods=["GET", "HEAD"], include_in_schema=False)
@router.api_route("/docs", methods=["GET", "HEAD"], include_in_schema=False)
async def routes(request: Request) -> HTMLResponse:
    """Every route, readable without scripts or a network."""
    app: FastAPI = request.app
    content = routes_page(app.openapi(), str(request.base_url).rstrip("/"))
    return HTMLResponse(content, headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})


@router.head("/health", include_in_schema=False)
@router.get(
    "/health",
    responses={
        HTTPStatus.SERVICE_UNAVAILABLE: {
            "model": HealthReport | HealthStatus,
            "description": "A database cannot be read; `status` is `unavailable`.",
        }
    },
)
async def health(
    candor: Candor, visitor: Visitor, response: Response
) -> HealthReport | HealthStatus:
    """`healthy` and `degraded` answer 200, since questions are answered; `unavailable` answers 503.

    Where keys are required, a request without one gets the status alone.
    """
    report = await check_health(candor)
    if report.status is Health.UNAVAILABLE:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return report if visitor else HealthStatus(status=report.status)


@router.get("/health/live")
async def alive() -> Liveness:
    """Answers 200 while the process answers at all; looks at nothing.

    A server that does not answer this for long is worth a restart.
    """
    return Liveness()


@router.get(
    "/health/ready",
    responses={
        HTTPStatus.SERVICE_UNAVAILABLE: {
            "model": Readiness,
            "description": "Requests would fail; `status` is `not_ready`.",
        }
    },
)
async def ready(candor: Candor, visitor: Visitor, response: Response) -> Readiness:
    """Answers 200 where documents can be read and questions can be kept, else 503 with `reasons`.

    A server that is not ready should get no requests. A restart does not help it.
    """
    found = await check_readiness(candor)
    if found.reasons:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return found if visitor else Readiness(status=found.status, reasons=[])


_EXAMPLE = """# HELP candor_turns_active Answers that are being written.
# TYPE candor_turns_active gauge
candor_turns_active 3.0
"""


@router.get(
    "/metrics",
    dependencies=[needs(Scope.METRICS)],
    response_class=Response,
    responses={
        200: {
            "description": "Figures since the start, in Prometheus' text format.",
            "content": {"text/plain": {"schema": {"type": "string"}, "example": _EXAMPLE}},
        }
    },
)
async def metrics(candor: Candor) -> Response:
    """Requests, turns, tokens, cost and errors since the start, for Prometheus."""
    return Response(candor.metrics.text(), media_type=CONTENT_TYPE)
