"""Routes of the server itself: a welcome, and its health."""

from http import HTTPStatus

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse

from backend.health import Health, HealthReport, candor_version, examine
from backend.http.dependencies import Candor
from backend.http.routes_page import routes_page
from backend.http.welcome import CONTENT_SECURITY_POLICY, page

router = APIRouter(tags=["server"])


@router.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
async def welcome(candor: Candor) -> HTMLResponse:
    """A page that says what runs here and what to try first."""
    content = page(candor_version(), await examine(candor))
    return HTMLResponse(content, headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})


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
            "model": HealthReport,
            "description": "A database cannot be read; `status` is `unavailable`.",
        }
    },
)
async def health(candor: Candor, response: Response) -> HealthReport:
    """`healthy` and `degraded` answer 200, since questions are answered; `unavailable` answers 503."""
    report = await examine(candor)
    if report.status is Health.UNAVAILABLE:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return report
