"""Routes of the playground: labels of people, and the judges that they calibrate."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field

from backend.errors import NotJson
from backend.http.content_type import JSON_ONLY
from backend.http.dependencies import Author, Candor, Router
from backend.http.fields import Before, FreeText, Limit, ThingId
from backend.http.problems import documented
from backend.schemas.playground_labels import (
    Calibration,
    LabelPage,
    LabelResponse,
    StoredLabels,
)
from use_cases.kernel.errors import StorageBusy, TooLarge
from use_cases.kernel.jobs.model import JobNotFound
from use_cases.playground.errors import LabelNotFound, LabelsInvalid
from use_cases.playground.labelling.label_records import GivenLabel

router = Router(prefix="/api/v1/eval-runs/{run_id}", tags=["playground"])


class LabelBody(BaseModel):
    """A person's verdict on the output of one result."""

    place: int = Field(ge=0, le=2**31, description="The place of the result.")
    assertion: FreeText = Field(
        default="",
        max_length=1000,
        description="Such as `llm-rubric`; not needed where one was judged. `#2`: the second of a name.",
    )
    passed: bool
    note: FreeText = Field(default="", max_length=10_000)
    output_sha256: str = Field(
        default="", max_length=64, description="Refuse the label if the output is another by now."
    )


class LabelsBody(BaseModel):
    """Labels of one person. One that is wrong refuses all."""

    labeller: FreeText = Field(
        default="", max_length=128, description="The person's name; without it the caller's id."
    )
    labels: list[LabelBody] = Field(min_length=1, max_length=1000)


@router.put(
    "/labels",
    dependencies=[JSON_ONLY],
    responses=documented(JobNotFound, LabelsInvalid, NotJson, TooLarge, StorageBusy),
)
async def put_labels(
    candor: Candor, author: Author, run_id: ThingId, body: LabelsBody
) -> StoredLabels:
    """Store labels; each replaces the same person's earlier one of the same answer."""
    given = [
        GivenLabel(
            line=line,
            passed=each.passed,
            place=each.place,
            assertion=each.assertion,
            note=each.note,
            output_digest=each.output_sha256.lower(),
        )
        for line, each in enumerate(body.labels, 1)
    ]
    report = await candor.playground.label_answers.put(
        author, run_id, given, labeller=body.labeller
    )
    return StoredLabels(stored=report.stored)


@router.get("/labels", responses=documented(JobNotFound, LabelNotFound))
async def list_labels(
    candor: Candor,
    author: Author,
    run_id: ThingId,
    limit: Limit = 100,
    before: Before = None,
    replaced: Annotated[bool, Query(description="Also those that later ones replaced.")] = False,
) -> LabelPage:
    """The labels of an evaluation, newest first."""
    found = await candor.playground.label_answers.list(
        author, run_id, limit=limit, before=before, replaced=replaced
    )
    return LabelPage(
        labels=[LabelResponse.of(each) for each in found],
        next_before=found[-1].label_id if found.more else None,
    )


@router.get("/calibration", responses=documented(JobNotFound))
async def calibrate_judges(candor: Candor, author: Author, run_id: ThingId) -> list[Calibration]:
    """The judges of an evaluation beside its labels: agreement, and corrected pass rates."""
    found = await candor.playground.calibrate_judges.run(author, run_id)
    return [Calibration.told(each) for each in found]
