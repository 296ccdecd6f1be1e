"""Recorded answers in memory."""

from collections.abc import Sequence

from use_cases.chat.errors import AnswerNotFound
from use_cases.chat.model import Answer
from use_cases.kernel.errors import Conflict
from use_cases.kernel.model import Caller


class InMemoryAnswers:
    """Port `Answers`: a dictionary by id."""

    def __init__(self) -> None:
        self.recorded: dict[str, Answer] = {}

    async def record(self, answer: Answer) -> None:
        """Keep it. Raises `Conflict` when its id is taken."""
        if answer.answer_id in self.recorded:
            raise Conflict(f"An answer {answer.answer_id!r} is recorded already.")
        self.recorded[answer.answer_id] = answer

    async def answers(
        self, caller: Caller, *, limit: int = 50, before: str | None = None
    ) -> Sequence[Answer]:
        """The caller's, newest first, after `before`."""
        own = [answer for answer in self.recorded.values() if answer.user_id == caller.user_id]
        own.sort(key=_place, reverse=True)
        if before is not None:
            seen = _place(await self.answer(caller, before))
            own = [answer for answer in own if _place(answer) < seen]
        return tuple(own[:limit])

    async def answer(self, caller: Caller, answer_id: str) -> Answer:
        """One of the caller's. Raises `AnswerNotFound`."""
        answer = self.recorded.get(answer_id)
        if answer is None or answer.user_id != caller.user_id:
            raise AnswerNotFound(f"There is no recorded answer {answer_id!r}.")
        return answer


def _place(answer: Answer) -> tuple[float, str]:
    return answer.created_at.timestamp(), answer.answer_id
