"""Routes of the advice capability: recording whether advice was right."""

from typing import Literal

from pydantic import AliasChoices, BaseModel, Field, StrictBool

from backend.errors import NotJson
from backend.http.content_type import JSON_ONLY
from backend.http.dependencies import Adviser, Candor, Router
from backend.http.fields import ID, LONGEST_ID, FreeText
from backend.http.problems import documented
from backend.schemas.advice import FeedbackReply
from use_cases.advice.errors import (
    FeedbackInvalid,
    FeedbackKeyReused,
    NothingToScore,
    OutcomeTooEarly,
    ResponseNotFound,
)
from use_cases.advice.model import OutcomeState
from use_cases.advice.outcomes.feedback import LONGEST_KEY, LONGEST_NOTES
from use_cases.kernel.errors import StorageBusy, StorageFull, TooLarge

router = Router(tags=["advice"])


class OutcomeFeedback(BaseModel):
    """An outcome, whether the advice was helpful, or notes; at least one of them."""

    response_id: str = Field(min_length=1, max_length=LONGEST_ID, pattern=ID)
    outcome: StrictBool | Literal["right", "wrong", "void"] | None = Field(
        default=None,
        validation_alias=AliasChoices("outcome", "feedback"),
        description="True or `right`, false or `wrong`; `void` where the event did not decide. "
        "Null tells none. Also called `feedback`.",
    )
    helpful: StrictBool | None = Field(
        default=None,
        description="Whether it helped, apart from being right; counted in no statistic.",
    )
    feedback_notes: FreeText | None = Field(default=None, max_length=LONGEST_NOTES)
    key: FreeText | None = Field(
        default=None,
        min_length=1,
        max_length=LONGEST_KEY,
        description="Your own id of this feedback; sent twice, it counts once.",
    )

    def told(self) -> OutcomeState | None:
        """The outcome in it."""
        if isinstance(self.outcome, bool):
            return OutcomeState.RIGHT if self.outcome else OutcomeState.WRONG
        return None if self.outcome is None else OutcomeState(self.outcome)


@router.post(
    "/feedback",
    dependencies=[JSON_ONLY],
    responses=documented(
        ResponseNotFound,
        NothingToScore,
        OutcomeTooEarly,
        FeedbackKeyReused,
        FeedbackInvalid,
        NotJson,
        TooLarge,
        StorageBusy,
        StorageFull,
    ),
)
async def give_feedback(candor: Candor, adviser: Adviser, body: OutcomeFeedback) -> FeedbackReply:
    """Record whether advice was right. A later outcome supersedes the earlier one."""
    kept = await candor.advice.give_feedback.run(
        adviser,
        body.response_id,
        body.told(),
        helpful=body.helpful,
        notes=body.feedback_notes,
        key=body.key,
    )
    return FeedbackReply.of_result(kept)
