"""Routes of the chat capability: the recorded answers."""

from fastapi import APIRouter

from backend.http.dependencies import Candor, Person
from backend.http.fields import Before, Limit, ThingId
from backend.http.problems import documented
from backend.schemas.chat import Answer, AnswerPage
from use_cases.chat.errors import AnswerNotFound

router = APIRouter(prefix="/answers", tags=["chat"])


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
