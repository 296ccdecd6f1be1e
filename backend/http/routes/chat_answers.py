"""Routes of the chat capability: the recorded answers."""

from typing import Annotated, Literal

from fastapi import Depends, Query
from pydantic import AliasChoices, BaseModel, Field, StrictBool

from backend.errors import NotJson
from backend.http.content_type import JSON_ONLY
from backend.http.dependencies import Candor, Person, Router
from backend.http.fields import Before, FreeText, Limit, Moment, ThingId
from backend.http.problems import documented
from backend.schemas.chat import Answer, AnswerPage
from use_cases.chat.answers import LONGEST_NOTES, AnswerSummary
from use_cases.chat.errors import AnswerNotFound, CorrectionUnknown
from use_cases.chat.model import AnswerFilter, Judgement
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.errors import StorageBusy, StorageFull, TooLarge

router = Router(prefix="/answers", tags=["chat"])


_Name = Annotated[FreeText | None, Query(max_length=500)]


def wanted_answers(
    outcome: Annotated[Outcome | None, Query(description="How the question ended.")] = None,
    feedback: Annotated[
        Judgement | None, Query(description="What a person said of it; `none`: nothing.")
    ] = None,
    model: Annotated[_Name, Query(description="Such as `openai:gpt-4.1-mini`.")] = None,
    prompt_version: Annotated[_Name, Query(description="Such as `chat-1-3249ce9c`.")] = None,
    document: Annotated[_Name, Query(description="Id or name of a document that it cites.")] = None,
    since: Annotated[Moment | None, Query(description="Asked then or later.")] = None,
    until: Annotated[Moment | None, Query(description="Asked before then.")] = None,
    text: Annotated[_Name, Query(description="Stands in the question or the answer.")] = None,
) -> AnswerFilter:
    """Read the filter of answers."""
    return AnswerFilter(
        outcome=outcome,
        feedback=feedback,
        model=model,
        prompt_version=prompt_version,
        document=document,
        since=since,
        until=until,
        text=text,
    )


Wanted = Annotated[AnswerFilter, Depends(wanted_answers)]


@router.get("", responses=documented(AnswerNotFound))
async def list_answers(
    candor: Candor, person: Person, wanted: Wanted, limit: Limit = 50, before: Before = None
) -> AnswerPage:
    """The recorded answers, newest first; all filters that are given must hold."""
    found = await candor.chat.read_answers.list(person, wanted, limit=limit, before=before)
    return AnswerPage.of_page(found, limit=limit, by="answer_id")


@router.get("/summary", responses=documented())
async def summarise_answers(candor: Candor, person: Person, wanted: Wanted) -> AnswerSummary:
    """What these answers add up to: outcomes, feedback, costs, times, and the documents cited most
    and never.
    """
    return await candor.chat.read_answers.summarise(person, wanted)


@router.get("/{answer_id}", responses=documented(AnswerNotFound))
async def show_answer(answer_id: ThingId, candor: Candor, person: Person) -> Answer:
    """One recorded answer with its verified sources."""
    return Answer.of(await candor.chat.read_answers.show(person, answer_id))


class AnswerFeedback(BaseModel):
    """Whether an answer is right; the last feedback on it is in force."""

    feedback: StrictBool | Literal["right", "wrong"] | None = Field(
        validation_alias=AliasChoices("feedback", "outcome"),
        description="`right` or true, `wrong` or false; null takes it back. Also called `outcome`.",
    )
    feedback_notes: FreeText | None = Field(default=None, max_length=LONGEST_NOTES)
    expected: FreeText | None = Field(
        default=None, max_length=LONGEST_NOTES, description="The right answer, of a wrong one."
    )
    expected_document: FreeText | None = Field(
        default=None,
        max_length=LONGEST_NOTES,
        description="The document that has it: its name, the last part of it, title or id.",
    )


@router.post(
    "/{answer_id}/feedback",
    dependencies=[JSON_ONLY],
    responses=documented(
        AnswerNotFound, CorrectionUnknown, NotJson, TooLarge, StorageBusy, StorageFull
    ),
)
async def judge_answer(
    answer_id: ThingId, candor: Candor, person: Person, body: AnswerFeedback
) -> Answer:
    """Record whether an answer is right; `candor datasets from-answers --feedback` collects them."""
    said = body.feedback
    judged = await candor.chat.judge_answer.run(
        person,
        answer_id,
        said if isinstance(said, bool | None) else said == "right",
        notes=body.feedback_notes,
        expected=body.expected,
        document=body.expected_document,
    )
    return Answer.of(judged)
