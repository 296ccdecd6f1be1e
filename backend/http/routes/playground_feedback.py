"""Routes of the playground: people's verdicts on results, and the judges that they calibrate."""

from fastapi import Path
from pydantic import BaseModel, Field

from backend.errors import NotJson
from backend.http.content_type import JSON_ONLY
from backend.http.dependencies import Author, Candor, Router
from backend.http.fields import FreeText, ThingId
from backend.http.problems import documented
from backend.schemas.playground_calibration import JudgeCalibrationReply
from use_cases.kernel.errors import StorageBusy, TooLarge
from use_cases.kernel.jobs.model import JobNotFound
from use_cases.playground.errors import CellFeedbackInvalid
from use_cases.playground.evaluations.cell_feedback import GivenCellFeedback
from use_cases.playground.model import CellFeedback

router = Router(prefix="/api/v1/eval-runs/{run_id}", tags=["playground"])


class CellFeedbackBody(BaseModel):
    """A person's verdict on the output of one result."""

    passed: bool
    assertion: FreeText = Field(
        default="",
        max_length=1000,
        description="Such as `llm-rubric`; not needed where one was judged. `#2`: the second of a name.",
    )
    note: FreeText = Field(default="", max_length=10_000)
    person: FreeText = Field(
        default="", max_length=128, description="Who says so; without it the caller's id."
    )
    output_sha256: str = Field(
        default="", max_length=64, description="Refuse it if the output is another by now."
    )


@router.put(
    "/results/{place}/feedback",
    dependencies=[JSON_ONLY],
    responses=documented(JobNotFound, CellFeedbackInvalid, NotJson, TooLarge, StorageBusy),
)
async def give_cell_feedback(
    candor: Candor,
    author: Author,
    run_id: ThingId,
    body: CellFeedbackBody,
    place: int = Path(ge=0, le=2**31, description="The place of the result."),
) -> CellFeedback:
    """Say whether a result is good; it replaces the same person's earlier verdict on it."""
    given = GivenCellFeedback(
        passed=body.passed,
        assertion=body.assertion,
        note=body.note,
        person=body.person,
        output_digest=body.output_sha256.lower(),
    )
    return await candor.playground.cell_feedback.give(author, run_id, place, given)


@router.get("/calibration", responses=documented(JobNotFound))
async def calibrate_judges(
    candor: Candor, author: Author, run_id: ThingId
) -> list[JudgeCalibrationReply]:
    """The judges of an evaluation beside people: agreement, and corrected pass rates."""
    found = await candor.playground.cell_feedback.calibrations(author, run_id)
    return [JudgeCalibrationReply.told(each) for each in found]
