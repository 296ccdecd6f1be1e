"""Outcomes that a person recorded, and those that the tables gave, as JSON."""

from collections.abc import Mapping
from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from backend.schemas.advice import right_or_wrong
from backend.schemas.schema import Schema, attribute
from use_cases.advice.model import Feedback, OutcomeState
from use_cases.advice.ports import FeedbackResult

_SAID: Mapping[bool, str] = {
    False: "Feedback recorded successfully",
    True: "This feedback was recorded before; nothing was changed",
}


class SupersededFeedback(BaseModel):
    """A judgement that a later one has replaced; it is kept."""

    state: OutcomeState | None
    outcome: bool | None
    told_by: str
    created_at: datetime

    @classmethod
    def of(cls, feedback: Feedback) -> Self:
        """From feedback."""
        said = feedback.outcome
        return cls(
            state=said,
            outcome=None if said is None else right_or_wrong(said),
            told_by=feedback.judge,
            created_at=feedback.created_at,
        )


class FeedbackReply(BaseModel):
    """What became of a feedback."""

    status: str = Field(description="`success`; everything else is a problem.")
    message: str
    response_id: str
    state: OutcomeState = Field(
        description="The outcome in force now, whatever this feedback said; `pending`: none yet."
    )
    helpful: bool | None
    repeated: bool = Field(description="It was recorded before, and nothing was changed.")
    superseded: SupersededFeedback | None = Field(description="The judgement that it replaced.")

    @classmethod
    def of(cls, kept: FeedbackResult) -> Self:
        """From what was kept."""
        return cls(
            status="success",
            message=_SAID[kept.repeated],
            response_id=kept.feedback.response_id,
            state=kept.in_force,
            helpful=kept.feedback.helpful,
            repeated=kept.repeated,
            superseded=None if kept.superseded is None else SupersededFeedback.of(kept.superseded),
        )


class UnresolvedAdvice(Schema):
    """Responses whose outcome could not be found, and why."""

    profile: str
    reason: str
    response_ids: list[str] = attribute("responses")


class ResolvedReply(Schema):
    """Outcomes by the tables of responses that had none."""

    right: int
    wrong: int
    void: int
    pending: int = Field(description="Their event is not over.")
    failed: list[UnresolvedAdvice]
