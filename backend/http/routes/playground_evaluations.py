"""Routes of the playground: evaluations, their results, exports and events; people's verdicts on them."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel, Field
from starlette.responses import Response, StreamingResponse

from backend.http.dependencies import (
    JSON_ONLY,
    JSON_OR_NOTHING,
    Author,
    Before,
    Candor,
    FreeText,
    Limit,
    Router,
    ThingId,
)
from backend.http.playground_request import (
    EVENTS,
    EvalRunCreate,
    LastEventId,
    Resumption,
    dollars,
    events_of,
)
from backend.http.problems import WRITING, documented, text_of
from backend.pages import CONTENT_SECURITY_POLICY
from backend.processes.beside_requests import put, resume
from backend.reports.case_rows import stream
from backend.reports.exports import MEDIA_TYPES, SUFFIXES, ExportFormat, export_form
from backend.reports.verdict_words import cautions, statements
from backend.schemas.playground_schemas import (
    EvalResultPage,
    EvalRunDetail,
    EvalRunPage,
    EvalRunResponse,
    JudgeCalibrationReply,
)
from use_cases.kernel.errors import InvalidInput, StorageBusy
from use_cases.kernel.jobs.model import JobNotFound, JobOver
from use_cases.kernel.jobs.orders import run_order
from use_cases.kernel.prompts.prompt_registry import PromptNotFound
from use_cases.playground.errors import (
    CellFeedbackInvalid,
    DatasetNotFound,
    PlanInvalid,
    VariablesInvalid,
)
from use_cases.playground.evaluations.manage_evaluations import RunEstimate
from use_cases.playground.model import CellFeedback, Comparison

router = Router(prefix="/api/v1/eval-runs", tags=["playground"])


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    dependencies=[JSON_ONLY],
    responses=documented(
        PlanInvalid, VariablesInvalid, InvalidInput, DatasetNotFound, PromptNotFound, *WRITING
    ),
)
async def create_eval_run(body: EvalRunCreate, candor: Candor, author: Author) -> EvalRunResponse:
    """Pin an evaluation, and begin it in the background."""
    run = await candor.playground.manage_evaluations.create(
        author,
        body.plan(),
        body.dataset_id,
        version=body.dataset_version,
        budget=dollars(body.budget),
        limit=body.limit,
        queued=body.start,
    )
    if body.start:
        await put(candor, run_order(run))
    return EvalRunResponse.of(run)


@router.get("", responses=documented(JobNotFound))
async def list_eval_runs(
    candor: Candor, author: Author, limit: Limit = 50, before: Before = None
) -> EvalRunPage:
    """Your evaluations, newest first."""
    found = await candor.playground.manage_evaluations.list(author, limit=limit, before=before)
    return EvalRunPage(
        runs=[EvalRunResponse.of(each) for each in found],
        next_before=found[-1].job_id if found.more else None,
    )


@router.get("/{run_id}", responses=documented(JobNotFound))
async def show_eval_run(candor: Candor, author: Author, run_id: ThingId) -> EvalRunDetail:
    """One evaluation, with its progress and summary."""
    evaluations = candor.playground.manage_evaluations
    summary = await evaluations.summary(author, run_id)
    return EvalRunDetail.of(
        summary.run,
        progress=await evaluations.progress(author, run_id),
        summary=summary,
        statements=statements(summary),
        cautions=list(cautions(summary)),
    )


@router.delete(
    "/{run_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(JobNotFound, StorageBusy),
)
async def remove_eval_run(candor: Candor, author: Author, run_id: ThingId) -> None:
    """Remove an evaluation with its results; its dataset stays."""
    await candor.playground.manage_evaluations.remove(author, run_id)


@router.get("/{run_id}/results", responses=documented(JobNotFound))
async def list_eval_results(
    candor: Candor,
    author: Author,
    run_id: ThingId,
    after: Annotated[
        int, Query(ge=-1, le=2**31, description="The place of the last result that was read.")
    ] = -1,
    limit: Limit = 100,
) -> EvalResultPage:
    """The results that are there, case by case."""
    found = await candor.playground.manage_evaluations.cell_page(
        author, run_id, after=after, limit=limit
    )
    return EvalResultPage.of(run_id, found)


@router.get("/{run_id}/estimate", responses=documented(JobNotFound))
async def estimate_eval_run(candor: Candor, author: Author, run_id: ThingId) -> RunEstimate:
    """The calls of an evaluation, and what they may cost."""
    return await candor.playground.manage_evaluations.estimate(author, run_id)


@router.post("/{run_id}/cancel", responses=documented(JobNotFound, StorageBusy))
async def cancel_eval_run(candor: Candor, author: Author, run_id: ThingId) -> EvalRunResponse:
    """Begin no more results; those in flight come to their end."""
    return EvalRunResponse.of(await candor.playground.manage_evaluations.cancel(author, run_id))


@router.post(
    "/{run_id}/resume",
    dependencies=[JSON_OR_NOTHING],
    responses=documented(JobNotFound, JobOver, *WRITING),
)
async def resume_eval_run(
    candor: Candor, author: Author, run_id: ThingId, body: Resumption
) -> EvalRunResponse:
    """Continue an evaluation that was stopped, cancelled or interrupted, or over its budget."""
    runs, budget = candor.playground.manage_evaluations, dollars(body.budget)
    return EvalRunResponse.of(await resume(candor, runs, author, run_id, budget=budget))


@router.post(
    "/{run_id}/retry",
    dependencies=[JSON_OR_NOTHING],
    responses=documented(JobNotFound, JobOver, *WRITING),
)
async def retry_eval_run(
    candor: Candor, author: Author, run_id: ThingId, body: Resumption
) -> EvalRunResponse:
    """Work again on the results that ended in an error, and on no other."""
    runs, budget = candor.playground.manage_evaluations, dollars(body.budget)
    run = await resume(candor, runs, author, run_id, errors=True, budget=budget)
    return EvalRunResponse.of(run)


@router.get(
    "/{run_id}/events",
    response_class=Response,
    responses=documented(JobNotFound) | EVENTS,
)
async def watch_eval_run(
    candor: Candor,
    author: Author,
    run_id: ThingId,
    last_event_id: LastEventId = 0,
) -> Response:
    """The progress of an evaluation, whichever process works on it, until none does."""
    changes = candor.playground.manage_evaluations.watch(author, run_id, since=last_event_id)
    return await events_of(changes, "variant", candor.settings.heartbeat_seconds)


@router.get(
    "/{run_id}/export",
    response_class=Response,
    responses=documented(JobNotFound)
    | text_of(
        "The file, with what is there so far.",
        *(media.partition(";")[0] for media in MEDIA_TYPES.values()),
    ),
)
async def export_eval_run(
    candor: Candor,
    author: Author,
    run_id: ThingId,
    format: ExportFormat = ExportFormat.JSON,  # noqa: A002  (its name on the wire)
) -> Response:
    """An evaluation as CSV, JSON, JSONL, JUnit XML or one HTML page."""
    evaluations = candor.playground.manage_evaluations
    summary = await evaluations.summary(author, run_id)
    name = f"{run_id}.{SUFFIXES[format]}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    if format is ExportFormat.HTML:
        headers["content-security-policy"] = CONTENT_SECURITY_POLICY
    calibrations = (
        await candor.playground.cell_feedback.known_calibrations(author, run_id)
        if format is ExportFormat.HTML
        else ()
    )
    form = export_form(format, summary, calibrations=calibrations)
    text = stream(form, evaluations.cells(author, run_id))
    return StreamingResponse(text, headers=headers, media_type=MEDIA_TYPES[format])


@router.get("/{run_id}/compare/{other}", responses=documented(JobNotFound, InvalidInput))
async def compare_eval_runs(
    candor: Candor, author: Author, run_id: ThingId, other: ThingId
) -> list[Comparison]:
    """The variants that both evaluations have, `run_id` as the baseline."""
    return list(await candor.playground.compare_runs.run(author, run_id, other))


class CellFeedbackBody(BaseModel):
    """A person's verdict on the output of one result."""

    passed: bool
    assertion: FreeText = Field(
        default="",
        max_length=1000,
        description="Such as `llm-rubric` (`#2`: the second of a name), or `output` for the whole; "
        "not needed where a model judged one or none.",
    )
    note: FreeText = Field(default="", max_length=10_000)
    person: FreeText = Field(
        default="", max_length=128, description="Who says so; without it the caller's id."
    )
    output_sha256: str = Field(
        default="", max_length=64, description="Refuse it if the output is another by now."
    )


@router.put(
    "/{run_id}/results/{place}/feedback",
    dependencies=[JSON_ONLY],
    responses=documented(JobNotFound, CellFeedbackInvalid, *WRITING),
)
async def give_cell_feedback(
    candor: Candor,
    author: Author,
    run_id: ThingId,
    body: CellFeedbackBody,
    place: int = Path(ge=0, le=2**31, description="The place of the result."),
) -> CellFeedback:
    """Say whether a result is good; it replaces the same person's earlier verdict on it."""
    said = body.model_dump(exclude={"output_sha256"})
    return await candor.playground.cell_feedback.give(
        author, run_id, place, **said, output_digest=body.output_sha256.lower()
    )


@router.get("/{run_id}/feedback", responses=documented(JobNotFound))
async def list_cell_feedback(candor: Candor, author: Author, run_id: ThingId) -> list[CellFeedback]:
    """All that people said of the results, in their order; also of outputs that others replaced."""
    return list(await candor.playground.cell_feedback.given(author, run_id))


@router.get("/{run_id}/calibration", responses=documented(JobNotFound))
async def calibrate_judges(
    candor: Candor, author: Author, run_id: ThingId
) -> list[JudgeCalibrationReply]:
    """The judges of an evaluation beside people: agreement, and corrected pass rates."""
    found = await candor.playground.cell_feedback.calibrations(author, run_id)
    return [JudgeCalibrationReply.told(each) for each in found]
