"""Routes of the chat capability: the recorded answers."""

from typing import Annotated

from fastapi import APIRouter, Query

from backend.http.dependencies import Candor, Person
from backend.http.problems import documented
from backend.presenting.chat import Answer, AnswerPage
from use_cases.chat.errors import AnswerNotFound

router = APIRouter(prefix="/answers", tags=["chat"])

_LARGEST_PAGE = 100


@router.get("", responses=documented(AnswerNotFound))
async def list_answers(
    candor: Candor,
    person: Person,
    limit: Annotated[int, Query(ge=1, le=_LARGEST_PAGE, description="How many at most.")] = 50,
    before: Annotated[
        str | None, Query(max_length=100, description="Id of the last answer already seen.")
    ] = None,
) -> AnswerPage:
    """The recorded answers, newest first."""
    found = await candor.list_answers.run(person, limit=limit + 1, before=before)
    return AnswerPage.of(found, limit=limit)


@router.get("/{answer_id}", responses=documented(AnswerNotFound))
async def show_answer(answer_id: str, candor: Candor, person: Person) -> Answer:
    """One recorded answer with its verified sources."""
    return Answer.of(await candor.show_answer.run(person, answer_id))
