"""A turn of a chat as the next one remembers it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PastTurn:
    """A turn of the shown branch: `answer` is None for a question that got none.

    `model_messages` is what the model saw of it, as pydantic-ai's JSON; None where that is not
    known, and an empty list where the model must not see it again.
    """

    question: str
    answer: str | None
    model_messages: str | None
