"""Chat's recorded questions with the feedback on each answer, for datasets."""

from collections.abc import AsyncGenerator

from pydantic import JsonValue

from use_cases.chat.model import Answer
from use_cases.chat.ports import Answers
from use_cases.kernel.citations.sources import cited_documents
from use_cases.kernel.model import Caller, Scope
from use_cases.kernel.recorded_questions import QuestionFilter, RecordedQuestion

_AT_ONCE = 200


class ChatQuestions:
    """Implementation of the port `RecordedQuestions`."""

    scope = Scope.CHAT

    def __init__(self, *, answers: Answers) -> None:
        self._answers = answers

    async def questions(
        self, caller: Caller, wanted: QuestionFilter
    ) -> AsyncGenerator[RecordedQuestion]:
        """The caller's that fit, the newest first."""
        before, more = None, True
        while more:
            page = await self._answers.answers(caller, limit=_AT_ONCE, before=before)
            for answer in page:
                if wanted.since is not None and answer.created_at < wanted.since:
                    return
                if wanted.fits(found := _question(answer)):
                    yield found
                before = answer.answer_id
            more = page.more


def _question(answer: Answer) -> RecordedQuestion:
    variables: dict[str, JsonValue] = {"question": answer.question}
    if answer.category:
        variables["category"] = answer.category
    return RecordedQuestion(
        record_id=answer.answer_id,
        variables=variables,
        answer=answer.text,
        outcome=answer.outcome,
        model=answer.model,
        prompt_version=answer.prompt_version,
        asked_at=answer.created_at,
        documents=cited_documents(answer.sources),
        right=answer.right,
        expected=answer.expected,
        expected_document=answer.expected_document,
    )
