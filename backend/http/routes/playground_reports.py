"""Routes of the playground: reports behind links, for people without a key."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import Path
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from backend.http.dependencies import (
    JSON_ONLY,
    Author,
    Candor,
    Router,
    StrictBody,
    ThingId,
    Visitor,
)
from backend.http.problems import WRITING, documented, text_of
from backend.pages import CONTENT_SECURITY_POLICY
from backend.reports.case_rows import stream
from backend.reports.evaluation_page import EvaluationPage
from backend.schemas.json_shape import Schema, shape_of
from use_cases.kernel.errors import InvalidInput, StorageBusy
from use_cases.kernel.jobs.model import JobNotFound
from use_cases.kernel.model import Caller
from use_cases.playground.errors import ReportLinkNotFound
from use_cases.playground.model import Redaction, ReportLink

router = Router(tags=["playground"])

_RUN = "/api/v1/eval-runs/{run_id}/share"


class ShareBody(StrictBody):
    """Parts that a shared report leaves out, and how long it is available."""

    without: list[Literal["outputs", "variables", "reasons", "prompts"]] = Field(
        default_factory=list[Literal["outputs", "variables", "reasons", "prompts"]],
        description="Leave out what was answered (`outputs`), the cases' values (`variables`), the "
        "words of checks and errors (`reasons`), prompts and values of checks (`prompts`).",
    )
    days: float | None = Field(
        default=None, gt=0, le=3650, allow_inf_nan=False, description="Unset: 30."
    )


@shape_of(ReportLink, omit=["user_id", "digest"], id="link_id")
class LinkResponse(Schema):
    """A link to a report. Its token is shown once, when it is made."""


class SharedResponse(LinkResponse):
    """A new link."""

    path: str = Field(description="The address of the page on this server.")


@router.post(
    _RUN,
    status_code=HTTPStatus.CREATED,
    dependencies=[JSON_ONLY],
    responses=documented(JobNotFound, InvalidInput, *WRITING),
)
async def share_report(
    candor: Candor, author: Author, run_id: ThingId, body: ShareBody
) -> SharedResponse:
    """Make a link to the report; everyone who has it can read the page."""
    redaction = Redaction(**dict.fromkeys(body.without, True))
    made = await candor.playground.share_reports.share(author, run_id, redaction, days=body.days)
    shown = LinkResponse.of(made.link).model_dump()
    return SharedResponse.model_validate({**shown, "path": f"/reports/{made.token}"})


@router.get(_RUN, responses=documented(JobNotFound))
async def list_report_links(candor: Candor, author: Author, run_id: ThingId) -> list[LinkResponse]:
    """The links to a report, newest first."""
    found = await candor.playground.share_reports.list(author, run_id)
    return [LinkResponse.of(each) for each in found]


@router.delete(
    _RUN + "/{link_id}", responses=documented(JobNotFound, ReportLinkNotFound, StorageBusy)
)
async def revoke_report_link(
    candor: Candor, author: Author, run_id: ThingId, link_id: ThingId
) -> LinkResponse:
    """End a link now."""
    return LinkResponse.of(await candor.playground.share_reports.revoke(author, run_id, link_id))


@router.get(
    "/reports/{token}",
    response_class=Response,
    responses=documented(ReportLinkNotFound) | text_of("The page.", "text/html"),
)
async def read_shared_report(
    candor: Candor, _: Visitor, token: Annotated[str, Path(max_length=100)]
) -> Response:
    """A shared report, for everyone who has the link."""
    link = await candor.playground.share_reports.open(token)
    owner = Caller(link.user_id)
    evaluations = candor.playground.manage_evaluations
    page = EvaluationPage(
        await evaluations.summary(owner, link.run_id),
        link.redaction,
        await candor.playground.cell_feedback.known_calibrations(owner, link.run_id),
    )
    headers = {
        "content-security-policy": f"{CONTENT_SECURITY_POLICY}; frame-ancestors 'none'",
        "x-robots-tag": "noindex",
    }
    text = stream(page, evaluations.cells(owner, link.run_id))
    return StreamingResponse(text, headers=headers, media_type="text/html; charset=utf-8")
