"""Advice as JSON: the object that is asked for, streamed field by field, and the record of it.

The order of the fields is part of the promise: a stream writes them in it. Confidence is a number
from 0 to 1, the one in the phrase; what the model itself stated is `raw_confidence`. Numbers that
are not known are null.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self, TypeAlias

from pydantic import BaseModel, Field, WithJsonSchema

from backend.schemas.chat import Source
from backend.schemas.chats import ToolUse, Usage
from backend.schemas.schema import fields_of
from use_cases.advice import model as advice
from use_cases.advice.profile import CERTAIN
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.model_names import bare_name

PLAIN_LABEL = "option"

PLAYER = "player"
"""The contract's name for an option, which every alternative has beside its profile's own."""

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


class BaseRate(BaseModel):
    """How often advice was right, whatever confidence was stated."""

    share: float = Field(ge=0, le=1, description="The share that was right.")
    right: int
    n: int = Field(description="Outcomes, one for each event.")
    interval: tuple[float, float] = Field(description="Of the share: Wilson, 95 %.")

    @classmethod
    def of(cls, rate: advice.BaseRate) -> Self:
        """From a base rate."""
        return cls(share=rate.share, right=rate.right, n=rate.n, interval=rate.interval)


class StructuredAdvice(BaseModel):
    """What is advised, and how sure that is."""

    main_advice: str = Field(description="`[n]` cites the source of that number.")
    reasoning: str
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
    choice: str | None = Field(
        description="The advised option as the tables name it, where there is one."
    )
    raw_confidence: float | None = Field(
        ge=0, le=1, description="The confidence as the model stated it."
    )
    confidence_phrase: str | None = Field(description="What that confidence is called.")
    phrase_key: str | None
    phrase_capped: bool = Field(
        description="A lower phrase is used, because facts that should be fresh are not."
    )
    base_rate: BaseRate | None = Field(
        description="The stated confidence is known not to separate right from wrong, so "
        "`confidence_score` is this share; null where it is not."
    )
    outcome: Outcome = Field(
        description="`answered`, `not_found` (nothing to choose by), `refused` or `interrupted`."
    )
    freshness: advice.Freshness = Field(
        description="Whether fresh facts were needed, and whether they were had."
    )
    sources: list[Source] = Field(
        description="What the texts cite, and nothing else. Ranges of sentences count characters of "
        "`main_advice`, `reasoning` and each alternative's reason, with an empty line between."
    )
    notices: list[str] = Field(description="Notices for the reader.")
    model_identifier: str = Field(
        description="The model that advised, as the server knows it: OpenAI's own by their bare names, "
        "others as provider:model."
    )
    response_id: str = Field(description="For `POST /feedback` and `GET /advice/{response_id}`.")

    @classmethod
    def of(cls, response: advice.Response, *, option_label: str = PLAIN_LABEL) -> Self:
        """From recorded advice; `option_label` is what its profile calls an option."""
        given = response.advice
        return cls(
            main_advice=given.main_advice,
            reasoning=given.reasoning,
            alternatives=[named_option(one, option_label) for one in given.alternatives],
            choice=given.choice,
            **Sureness.of(given.confidence).model_dump(),
            outcome=given.outcome,
            freshness=response.freshness,
            sources=[Source.of(source) for source in given.sources],
            notices=list(response.notices),
            model_identifier=bare_name(response.model),
            response_id=response.response_id,
        )


class Sureness(BaseModel):
    """The fields of a confidence; all null where there is none."""

    confidence_score: float | None = None
    raw_confidence: float | None = None
    confidence_phrase: str | None = None
    phrase_key: str | None = None
    phrase_capped: bool = False
    base_rate: BaseRate | None = None

    @classmethod
    def of(cls, confidence: advice.Confidence | None) -> Self:
        """From a confidence."""
        if confidence is None:
            return cls()
        return cls(
            confidence_score=share(confidence.calibrated),
            raw_confidence=share(confidence.stated),
            confidence_phrase=confidence.phrase,
            phrase_key=confidence.phrase_key,
            phrase_capped=confidence.capped,
            base_rate=None if confidence.base_rate is None else BaseRate.of(confidence.base_rate),
        )


class Done(BaseModel):
    """What ends the default stream: `event: done`."""

    response_id: str
    confidence: float | None
    raw_confidence: float | None
    phrase: str | None
    base_rate: BaseRate | None
    usage: Usage
    freshness: advice.Freshness
    outcome: Outcome
    interrupted: bool
    valid: bool = True

    @classmethod
    def of(cls, response: advice.Response) -> Self:
        """From recorded advice."""
        sure = Sureness.of(response.advice.confidence)
        return cls(
            response_id=response.response_id,
            confidence=sure.confidence_score,
            raw_confidence=sure.raw_confidence,
            phrase=sure.confidence_phrase,
            base_rate=sure.base_rate,
            usage=Usage.of(response),
            freshness=response.freshness,
            outcome=response.advice.outcome,
            interrupted=response.interrupted,
        )


class Judgement(BaseModel):
    """What has become known of the advice since."""

    state: advice.OutcomeState
    outcome: bool | None = Field(description="Right or wrong; null while neither is known.")
    helpful: bool | None
    feedback_notes: str | None
    feedback_timestamp: datetime | None

    @classmethod
    def of(cls, response: advice.Response) -> Self:
        """From recorded advice."""
        return cls(
            state=response.outcome,
            outcome=right_or_wrong(response.outcome),
            helpful=response.helpful,
            feedback_notes=response.feedback_notes,
            feedback_timestamp=response.feedback_at,
        )


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
    judgement: Judgement

    @classmethod
    def of(cls, response: advice.Response, *, option_label: str = PLAIN_LABEL) -> Self:
        """From recorded advice; `option_label` is what its profile calls an option."""
        shown = StructuredAdvice.of(response, option_label=option_label)
        confidence = response.advice.confidence
        return cls.model_validate(
            {
                **fields_of(cls, response),
                **fields_of(StructuredAdvice, shown),
                "calibration_version": None if confidence is None else confidence.version_id,
                "usage": response,
                "judgement": Judgement.of(response),
            }
        )


def named_option(alternative: advice.Alternative, option_label: str) -> dict[str, str]:
    """An alternative: the option under the profile's name for it, as `player` and as `option`, and
    the reason.
    """
    names = dict.fromkeys((option_label, PLAYER, PLAIN_LABEL), alternative.option)
    return {**names, "reason": alternative.reason}


def share(basis_points: int) -> float:
    """Basis points as a number from 0 to 1: 8,500 is 0.85."""
    return basis_points / CERTAIN


def right_or_wrong(state: advice.OutcomeState) -> bool | None:
    """Return an outcome as `true` or `false`; None for one that is neither."""
    known = {advice.OutcomeState.RIGHT: True, advice.OutcomeState.WRONG: False}
    return known.get(state)
