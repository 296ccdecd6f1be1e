"""What the chat capability needs of the world, beside the kernel's ports."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from use_cases.chat.model import Answer
from use_cases.kernel.model import Caller

if TYPE_CHECKING:
    # Only named: the store implements `Answers` and should not pay 1.5 seconds for importing this.
    from pydantic_ai import ModelResponse
    from pydantic_ai.models import Model


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """A model ready to run. `name` is recorded; `metered` is false where token counts mean nothing."""

    name: str
    model: "Model"
    metered: bool = True
    candidates: "tuple[ResolvedModel, ...]" = ()
    """The models of a chain, in the order in which they are asked; empty for a single model."""

    def answering(self, response: "ModelResponse | None") -> "ResolvedModel":
        """Which of a chain gave this response (the run's last): its name is the one to record.

        Itself when it is no chain, or when there was no response.
        """
        if response is None or not self.candidates:
            return self
        failed = len(response.failed_attempts or ())
        return self.candidates[min(failed, len(self.candidates) - 1)]


class Models(Protocol):
    """Models by name."""

    def resolve(self, name: str | None = None) -> ResolvedModel:
        """The named model (`openai:gpt-4.1-mini`, `gpt-4.1-mini`, `offline:extractive`), or the default.

        Raises `ModelUnknown` for a name it cannot place, `ModelNotConfigured` when a key is missing.
        """
        ...


class Answers(Protocol):
    """The recorded answers."""

    async def record(self, answer: Answer) -> None:
        """Keep it; durable when this returns. Raises `Conflict` when its id is taken."""
        ...

    async def answers(
        self, caller: Caller, *, limit: int = 50, before: str | None = None
    ) -> Sequence[Answer]:
        """The caller's answers, newest first; `before` is the id of the last one already seen.

        Raises `AnswerNotFound` when `before` is no answer of the caller's.
        """
        ...

    async def answer(self, caller: Caller, answer_id: str) -> Answer:
        """One answer of the caller's. Raises `AnswerNotFound`."""
        ...
