"""The figures of a run of an agent, its record, and its turn as the next one remembers it.

A capability's own record extends `RunRecord`, and is made of the figures that its run ends with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from use_cases.kernel.citations.sources import Outcome, Source, ToolCall
from use_cases.kernel.model import Door


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenUsage:
    """The tokens and the cost (US dollars) of calls of a model. Unknown numbers are None, never 0."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFigures(TokenUsage):
    """The figures of a run. `model` is the one that answered."""

    model: str
    latency_ms: int
    created_at: datetime
    interrupted: bool = False

    @property
    def figures(self) -> Mapping[str, Any]:
        """The figures by name, for a record that is made of them."""
        return {each.name: getattr(self, each.name) for each in fields(RunFigures)}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord(RunFigures):
    """A recorded run. `question` is what was asked, as it was sent, and `door` where it came in.

    `notices` are sentences the reader should see (for example that search ran without vectors, or
    that the run was interrupted).
    """

    user_id: str
    question: str
    prompt_version: str
    tool_calls: Sequence[ToolCall] = ()
    notices: Sequence[str] = ()
    door: Door = Door.HTTP


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRecord(RunRecord):
    """What is recorded of an answer beside its text and chat.

    `answer_id` is also the id of its message in its chat. `right` is what a person said of it afterwards,
    with `feedback_notes`; of a wrong one, `expected` is the right answer and `expected_document` the name
    of the document that has it, as far as they said.
    """

    answer_id: str
    outcome: Outcome
    sources: Sequence[Source] = ()
    right: bool | None = None
    feedback_notes: str | None = None
    expected: str | None = None
    expected_document: str | None = None


@dataclass(frozen=True, slots=True)
class PastTurn:
    """A turn of the shown branch: `answer` is None for a question that got none.

    `model_messages` is what the model saw of it, as pydantic-ai's JSON; None where that is not
    known, and an empty list where the model must not see it again.
    """

    question: str
    answer: str | None
    model_messages: str | None
