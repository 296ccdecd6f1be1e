"""Advice as JSON: the object that is asked for, its record, feedback, and the decision on a web search.

The order of the fields is part of the promise: a stream writes them in it. Confidence is a number
from 0 to 1, the one in the phrase; what the model itself stated is `raw_confidence`. Numbers that
are not known are null.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self, TypeAlias

from pydantic import BeforeValidator, Field, JsonValue, WithJsonSchema

from backend.schemas.chat_schemas import SourceReply, ToolUse, Usage
from backend.schemas.json_shape import Schema, attribute, shape_of
from use_cases.advice import model as advice
from use_cases.advice.confidence.report_model import RecentResponses
from use_cases.advice.outcomes.feedback import Resolved
from use_cases.advice.ports import FeedbackResult
from use_cases.advice.profile import CERTAIN, PLAIN_LABEL
from use_cases.advice.search_rules.verdict import (
    FiredRule,
    QueryAnalysis,
    SearchDecision,
    SearchVerdict,
)
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.model_names import bare_name

PLAYER = "player"
"""The contract's name for an option, which every alternative has beside its profile's own."""

_SAID: Mapping[bool, str] = {
    False: "Feedback recorded successfully",
    True: "This feedback was recorded before; nothing was changed",
}

OtherOption: TypeAlias = Annotated[
    dict[str, str],
    WithJsonSchema(
        {
            "type": "object",
            "properties": {name: {"type": "string"} for name in (PLAYER, PLAIN_LABEL, "reason")},
            "required": [PLAYER, PLAIN_LABEL, "reason"],
            "additionalProperties": {"type": "string"},
        }
    ),
]
"""An option that was not chosen, under each name for options, and the reason."""


def right_or_wrong(state: advice.OutcomeState) -> bool | None:
    """Returns an outcome as `true` or `false`; None for one that is neither."""
    known = {advice.OutcomeState.RIGHT: True, advice.OutcomeState.WRONG: False}
    return known.get(state)


BareName = Annotated[str, BeforeValidator(bare_name)]
RightOrWrong = Annotated[bool | None, BeforeValidator(right_or_wrong)]


class BaseRateReply(Schema):
    """Share of advice that was right, whatever confidence was stated."""

    share: float = Field(ge=0, le=1, description="The share that was right.")
    right: int
    n: int = Field(description="Outcomes, one for each event.")
    interval: tuple[float, float] = Field(description="Of the share: Wilson, 95 %.")


class StructuredAdvice(Schema):
    """Recommendation, and its confidence."""

    main_advice: str = attribute("advice.main_advice", "`[n]` cites the source of that number.")
    reasoning: str = attribute("advice.reasoning")
    confidence_score: float | None = Field(
        ge=0,
        le=1,
        description="The probability that the advice is right, corrected by outcomes; null where "
        "there was nothing to choose by.",
    )
    alternatives: list[OtherOption] = Field(
        description="What was not chosen: the option as `option`, as `player` (an alias for earlier "
        "clients) and under the profile's own name for options, and the `reason`."
    )
    choice: str | None = attribute(
        "advice.choice", "The advised option as the tables name it, where there is one."
    )
    raw_confidence: float | None = Field(
        ge=0, le=1, description="The confidence as the model stated it."
    )
    confidence_phrase: str | None = Field(description="What that confidence is called.")
    phrase_key: str | None
    phrase_capped: bool = Field(
        description="A lower phrase is used, because facts that should be fresh are not."
    )
    base_rate: BaseRateReply | None = Field(
        description="The stated confidence is known not to separate right from wrong, so "
        "`confidence_score` is this share; null where it is not."
    )
    outcome: Outcome = attribute(
        "advice.outcome",
        "`answered`, `not_found` (nothing to choose by), `refused` or `interrupted`.",
    )
    freshness: advice.Freshness = Field(
        description="Whether fresh facts were needed, and whether they were had."
    )
    sources: list[SourceReply] = attribute(
        "advice.sources",
        "What the texts cite, and nothing else. Ranges of sentences count characters of "
        "`main_advice`, `reasoning` and each alternative's reason, with an empty line between.",
    )
    notices: list[str] = Field(description="Notices for the reader.")
    model_identifier: BareName = attribute(
        "model",
        "The model that advised, as the server knows it: OpenAI's own by their bare names, "
        "others as provider:model.",
    )
    response_id: str = Field(description="For `POST /feedback` and `GET /advice/{response_id}`.")

    @classmethod
    def of_response(cls, response: advice.Response, *, option_label: str = PLAIN_LABEL) -> Self:
        """Reads it from recorded advice; `option_label` is what its profile calls an option."""
        confidence, others = response.advice.confidence, response.advice.alternatives
        return cls.of(
            response,
            alternatives=[named_option(one, option_label) for one in others],
            calibration_version=confidence and confidence.version_id,
            usage=response,
            judgement=response,
            **confidence_fields(confidence),
        )


def confidence_fields(confidence: advice.Confidence | None) -> dict[str, JsonValue]:
    """Returns the fields of a confidence by name; null where there is none."""
    known, rate = confidence, confidence and confidence.base_rate
    return {
        "confidence_score": known and share(known.calibrated),
        "raw_confidence": known and share(known.stated),
        "confidence_phrase": known and known.phrase,
        "phrase_key": known and known.phrase_key,
        "phrase_capped": known is not None and known.capped,
        "base_rate": rate and BaseRateReply.of(rate).model_dump(),
    }


class Done(Schema):
    """End of the default stream: `event: done`."""

    response_id: str
    confidence: float | None
    raw_confidence: float | None
    phrase: str | None
    base_rate: BaseRateReply | None
    usage: Usage
    freshness: advice.Freshness
    outcome: Outcome = attribute("advice.outcome")
    interrupted: bool
    valid: bool = True

    @classmethod
    def of_response(cls, response: advice.Response) -> Self:
        """Reads it from recorded advice."""
        fields = confidence_fields(response.advice.confidence)
        return cls.of(
            response,
            confidence=fields["confidence_score"],
            phrase=fields["confidence_phrase"],
            usage=response,
            **fields,
        )


class JudgementReply(Schema):
    """Judgement of the advice that has become known since."""

    state: advice.OutcomeState = attribute("outcome")
    outcome: RightOrWrong = Field(description="Right or wrong; null while neither is known.")
    helpful: bool | None
    feedback_notes: str | None
    feedback_timestamp: datetime | None = attribute("feedback_at")


class RecordedAdvice(StructuredAdvice):
    """Recorded advice with everything that is known of it."""

    question: str = Field(description="The user's last message.")
    profile: str
    profile_version: str
    prompt_type: str
    prompt_version: str
    search_decision: str
    web_search_used: bool
    event_key: str | None = Field(description="The event that decides who was right.")
    event_ends: date | None
    period: int | None
    calibration_version: str | None = Field(description="The correction that was in force.")
    tool_calls: list[ToolUse]
    usage: Usage
    cost: Decimal | None = Field(description="In US dollars.")
    latency_ms: int
    interrupted: bool
    created_at: datetime
    judgement: JudgementReply


class SupersededFeedback(Schema):
    """A judgement that a later one has replaced; it is kept."""

    state: advice.OutcomeState | None = attribute("outcome")
    outcome: RightOrWrong
    told_by: str = attribute("judge")
    created_at: datetime


class FeedbackReply(Schema):
    """Result of a feedback."""

    status: str = Field(description="`success`; everything else is a problem.")
    message: str
    response_id: str = attribute("feedback.response_id")
    state: advice.OutcomeState = attribute(
        "in_force",
        "The outcome in force now, whatever this feedback said; `pending`: none yet.",
    )
    helpful: bool | None = attribute("feedback.helpful")
    repeated: bool = Field(description="It was recorded before, and nothing was changed.")
    superseded: SupersededFeedback | None = Field(description="The judgement that it replaced.")

    @classmethod
    def of_result(cls, kept: FeedbackResult) -> Self:
        """Reads it from what was kept."""
        return cls.of(kept, status="success", message=_SAID[kept.repeated])


class UnresolvedAdvice(Schema):
    """Responses whose outcome could not be found, and why."""

    profile: str
    reason: str
    response_ids: list[str] = attribute("responses")


@shape_of(Resolved)
class ResolvedReply(Schema):
    """Outcomes by the tables of responses that had none."""

    pending: int = Field(description="Their event is not over.")
    failed: list[UnresolvedAdvice]


class AdviceLog(Schema):
    """A recorded response. In a redacted list its texts are `[redacted]`."""

    id: str = attribute("response_id")
    response_text: str = attribute("advice.main_advice")
    confidence_score: float | None = Field(description="Corrected; null where none was stated.")
    raw_confidence: float | None
    confidence_phrase: str | None
    base_rate: BaseRateReply | None = Field(
        description="What was shown in place of what was stated."
    )
    user_query: str = attribute("question")
    model_used: BareName = attribute("model")
    web_search_used: bool
    outcome: RightOrWrong = Field(description="Null while it is pending, and when it is void.")
    state: advice.OutcomeState = attribute("outcome")
    helpful: bool | None
    timestamp: datetime = attribute("created_at")
    feedback_timestamp: datetime | None = attribute("feedback_at")
    response_id: str
    profile: str
    event_key: str | None
    interrupted: bool

    @classmethod
    def of_response(cls, response: advice.Response) -> Self:
        """Reads it from recorded advice."""
        return cls.of(response, **confidence_fields(response.advice.confidence))


class RecentAdvice(Schema):
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
    def of_recent(cls, found: RecentResponses) -> Self:
        """Reads it from a list."""
        return cls.of(found, logs=[AdviceLog.of_response(one) for one in found.responses])


@shape_of(SearchVerdict, omit=["analysis", "trace"], user_query="query")
class PolicyPayload(Schema):
    """Both decisions: that of the rules, and the one that holds."""

    conversation_context: str | None = None


class SearchDisciplineReply(Schema):
    """Decision about a web search for this question, and its reason."""

    query: str = Field(description="As it was sent.")
    search_override: str | None = Field(description="As it was sent.")
    decision: SearchDecision = attribute("final_decision")
    reasoning: str = attribute("final_reasoning")
    should_search: bool
    policy_payload: PolicyPayload
    query_analysis: QueryAnalysis = attribute("analysis")
    trace: list[FiredRule] = Field(description="Every rule that fired, in their order.")
    profile: str


def named_option(alternative: advice.Alternative, option_label: str) -> dict[str, str]:
    """Returns an alternative: the option under the profile's name for it, as `player` and as `option`,
    and the reason.
    """
    names = dict.fromkeys((option_label, PLAYER, PLAIN_LABEL), alternative.option)
    return {**names, "reason": alternative.reason}


def share(basis_points: int) -> float:
    """Basis points as a number from 0 to 1: 8,500 is 0.85."""
    return basis_points / CERTAIN
