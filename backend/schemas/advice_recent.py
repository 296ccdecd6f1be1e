"""Recorded advice in a list as JSON, with or without its texts."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from backend.schemas.advice import BaseRate, Sureness, right_or_wrong
from use_cases.advice.confidence.report_model import RecentResponses
from use_cases.advice.model import OutcomeState, Response
from use_cases.kernel.model_names import bare_name


class AdviceLog(BaseModel):
    """A recorded response. In a redacted list its texts are `[redacted]`."""

    id: str
    response_text: str
    confidence_score: float | None = Field(description="Corrected; null where none was stated.")
    raw_confidence: float | None
    confidence_phrase: str | None
    base_rate: BaseRate | None = Field(description="What was shown in place of what was stated.")
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
        sure = Sureness.of(response.advice.confidence)
        return cls(
            id=response.response_id,
            response_text=response.advice.main_advice,
            confidence_score=sure.confidence_score,
            raw_confidence=sure.raw_confidence,
            confidence_phrase=sure.confidence_phrase,
            base_rate=sure.base_rate,
            user_query=response.question,
            model_used=bare_name(response.model),
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
        description="Pass it as `before` to get the next page; null on the last page."
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
