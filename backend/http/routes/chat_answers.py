"""Routes of the chat capability: the recorded answers."""

from typing import Literal

from pydantic import BaseModel, Field, StrictBool

from backend.errors import NotJson
from backend.http.content_type import JSON_ONLY
from backend.http.dependencies import Candor, Person
from backend.http.fields import Before, FreeText, Limit, ThingId
from backend.http.problems import documented
from backend.http.router import Router
from backend.schemas.chat import Answer, AnswerPage
from use_cases.chat.answers import LONGEST_NOTES
from use_cases.chat.errors import AnswerNotFound
from use_cases.kernel.errors import StorageBusy, StorageFull, TooLarge

router = Router(prefix="/answers", tags=["chat"])


@router.get("", responses=documented(AnswerNotFound))
async def list_answers(
    candor: Candor, person: Person, limit: Limit = 50, before: Before = None
) -> AnswerPage:
    """The recorded answers, newest first."""
    found = await candor.chat.read_answers.list(person, limit=limit, before=before)
    return AnswerPage.of(found, limit=limit)


@router.get("/{answer_id}", responses=documented(AnswerNotFound))
async def show_answer(answer_id: ThingId, candor: Candor, person: Person) -> Answer:
    """One recorded answer with its verified sources."""
    return Answer.of(await candor.chat.read_answers.show(person, answer_id))


class AnswerFeedback(BaseModel):
    """Whether an answer is right; the last feedback on it is in force."""

    outcome: StrictBool | Literal["right", "wrong"] | None = Field(
        description="True or `right`, false or `wrong`; null takes it back."
    )
    feedback_notes: FreeText | None = Field(default=None, max_length=LONGEST_NOTES)


@router.post(
    "/{answer_id}/feedback",
    dependencies=[JSON_ONLY],
    responses=documented(AnswerNotFound, NotJson, TooLarge, StorageBusy, StorageFull),
)
async def judge_answer(
    answer_id: ThingId, candor: Candor, person: Person, body: AnswerFeedback
) -> Answer:
    """Record whether an answer is right; `candor datasets from-answers --feedback` collects them."""
    right = body.outcome if isinstance(body.outcome, bool | None) else body.outcome == "right"
    judged = await candor.chat.judge_answer.run(person, answer_id, right, notes=body.feedback_notes)
    return Answer.of(judged)
