"""Read what was recorded: a person's answers, newest first, or one of them."""

from use_cases.chat.model import Answer
from use_cases.chat.ports import Answers
from use_cases.kernel.model import Caller
from use_cases.kernel.page import Page, require_limit

LARGEST_PAGE = 200


class ReadAnswers:
    """The caller's recorded answers."""

    def __init__(self, *, answers: Answers) -> None:
        self._answers = answers

    async def list(
        self, caller: Caller, *, limit: int = 50, before: str | None = None
    ) -> Page[Answer]:
        """At most `limit` answers, newest first; `before` is the id of the last one already seen.

        Raises `InvalidInput` for a limit outside 1 to `LARGEST_PAGE`, and `AnswerNotFound` when
        `before` is no answer of the caller's.
        """
        require_limit(limit, LARGEST_PAGE)
        return await self._answers.answers(caller, limit=limit, before=before)

    async def show(self, caller: Caller, answer_id: str) -> Answer:
        """One answer, whole. Raises `AnswerNotFound`, also for another person's."""
        return await self._answers.answer(caller, answer_id)
