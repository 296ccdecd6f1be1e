"""Recorded advice in a list as JSON, with or without its texts."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from backend.presenting.advice import right_or_wrong, share
from use_cases.advice.model import OutcomeState, Response
from use_cases.advice.reporting.model import RecentResponses


class AdviceLog(BaseModel):
    """A recorded response. In a redacted list its texts are `[redacted]`."""

    id: str
    response_text: str
    confidence_score: float | None = Field(description="Corrected; null where none was stated.")
    raw_confidence: float | None
    confidence_phrase: str | None
    user_query: str
    model_used: str
    web_search_used: bool
    outcome: bool | None = Field(description="Null while it is pending, and when it is void.")
    state: OutcomeState
    helpful: bool | None
    timestamp: datetime
    feedback_timestamp: datetime | None
    response_id: str
    profile: str
    event_key: str | None
    interrupted: bool

    @classmethod
    def of(cls, response: Response) -> Self:
        """From recorded advice."""
        confidence = response.advice.confidence
        return cls(
            id=response.response_id,
            response_text=response.advice.main_advice,
            confidence_score=None if confidence is None else share(confidence.calibrated),
            raw_confidence=None if confidence is None else share(confidence.stated),
            confidence_phrase=None if confidence is None else confidence.phrase,
            user_query=response.question,
            model_used=response.model,
            web_search_used=response.web_search_used,
            outcome=right_or_wrong(response.outcome),
            state=response.outcome,
            helpful=response.helpful,
            timestamp=response.created_at,
            feedback_timestamp=response.feedback_at,
            response_id=response.response_id,
            profile=response.profile,
            event_key=response.event_key,
            interrupted=response.interrupted,
        )


class RecentAdvice(BaseModel):
    """Recorded responses, newest first."""

    logs: list[AdviceLog]
    total_count: int = Field(description="All that match, not only these.")
    returned: int
    next_before: str | None = Field(
        description="Give it as `before` for the next page; null on the last."
    )
    timestamp: datetime | None = Field(description="Of the newest one in the list.")
    redacted: bool

    @classmethod
    def of(cls, found: RecentResponses) -> Self:
        """From a list."""
        return cls(
            logs=[AdviceLog.of(one) for one in found.responses],
            total_count=found.total_count,
            returned=found.returned,
            next_before=found.next_before,
            timestamp=found.timestamp,
            redacted=found.redacted,
        )
