"""`GET /metrics`: the server's figures in Prometheus' text format."""

from fastapi import Response

from backend.http.dependencies import Candor, Router, needs
from backend.observability.metrics import CONTENT_TYPE
from use_cases.kernel.model import Scope

router = Router(tags=["server"])

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
