"""Questions that people asked and the answers that were recorded, whichever capability answered.

An evaluation measures a prompt on what people really ask. Chat and advice implement the port for their
own records.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import JsonValue

from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.model import Caller, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedQuestion:
    """A recorded question. `variables` are those that the capability's `Target` reads.

    `right` is the judgement in force, None without one; `expected` and `expected_document` correct a
    wrong answer, where a person did. `documents` are the names of the cited ones;
    `choice` is advice's.
    """

    record_id: str
    variables: Mapping[str, JsonValue]
    answer: str
    outcome: Outcome
    model: str
    prompt_version: str
    asked_at: datetime
    documents: Sequence[str] = ()
    choice: str | None = None
    right: bool | None = None
    expected: str | None = None
    expected_document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionFilter:
    """A filter of recorded questions; None does not restrict. `since` is included."""

    since: datetime | None = None
    right: bool | None = None
    outcome: Outcome | None = None

    def fits(self, question: RecordedQuestion) -> bool:
        """Returns true if a question meets it."""
        return (
            (self.since is None or question.asked_at >= self.since)
            and (self.right is None or question.right == self.right)
            and (self.outcome is None or question.outcome is self.outcome)
        )


class RecordedQuestions(Protocol):
    """The recorded questions of one capability."""

    @property
    def scope(self) -> Scope:
        """The scope with which a caller may read them."""
        ...

    def questions(self, caller: Caller, wanted: QuestionFilter) -> AsyncGenerator[RecordedQuestion]:
        """Returns the caller's that fit, the newest first."""
        ...
