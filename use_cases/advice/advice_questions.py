"""Advice's recorded questions with the judgement of each, for datasets."""

from collections.abc import AsyncGenerator

from use_cases.advice.model import OutcomeState, Response, ResponseFilter
from use_cases.advice.ports import Responses
from use_cases.kernel.citations.sources import cited_documents
from use_cases.kernel.model import Caller, Scope
from use_cases.kernel.recorded_questions import QuestionFilter, RecordedQuestion

_AT_ONCE = 100
_JUDGED = {OutcomeState.RIGHT: True, OutcomeState.WRONG: False}


class AdviceQuestions:
    """Implementation of the port `RecordedQuestions`."""

    scope = Scope.ADVICE

    def __init__(self, *, responses: Responses) -> None:
        self._responses = responses

    async def questions(
        self, caller: Caller, wanted: QuestionFilter
    ) -> AsyncGenerator[RecordedQuestion]:
        """Yields the caller's questions that fit, the newest first."""
        judged = next((one for one, right in _JUDGED.items() if right is wanted.right), None)
        restricted = ResponseFilter(since=wanted.since, outcome=judged)
        before, more = None, True
        while more:
            page = await self._responses.responses(
                caller, restricted, limit=_AT_ONCE, before=before
            )
            for response in page:
                if wanted.fits(found := _question(response)):
                    yield found
                before = response.response_id
            more = page.more


def _question(response: Response) -> RecordedQuestion:
    advice = response.advice
    return RecordedQuestion(
        record_id=response.response_id,
        variables={
            "question": response.question,
            "profile": response.profile,
            "prompt_type": response.prompt_type,
        },
        answer=advice.main_advice,
        outcome=advice.outcome,
        model=response.model,
        prompt_version=response.prompt_version,
        asked_at=response.created_at,
        documents=cited_documents(advice.sources),
        choice=advice.choice,
        right=_JUDGED.get(response.outcome),
    )
