"""What the chat capability needs of the world, beside the kernel's ports."""

from collections.abc import Sequence
from typing import Protocol

from use_cases.chat.model import Answer
from use_cases.kernel.model import Caller


class Answers(Protocol):
    """The recorded answers."""

    async def record(self, answer: Answer) -> None:
        """Keep it; durable when this returns."""
        ...

    async def answers(
        self, caller: Caller, *, limit: int = 50, before: str | None = None
    ) -> Sequence[Answer]:
        """The caller's answers, newest first; `before` is the id of the last one already seen."""
        ...

    async def answer(self, caller: Caller, answer_id: str) -> Answer:
        """One answer of the caller's. Raises `AnswerNotFound`."""
        ...
