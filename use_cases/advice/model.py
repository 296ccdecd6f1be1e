"""The types of the advice capability: questions, advice, confidence, recorded responses, feedback.

Confidence is an integer of basis points everywhere inside (8,500 is 0.85), so that a stated 0.3
falls into the band that begins at 0.3. Unknown numbers are None, never 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from use_cases.kernel.citations.sources import Outcome, Source, ToolCall
from use_cases.kernel.statistics.wilson_interval import wilson


class Speaker(StrEnum):
    """Who said something in the conversation of a request."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the conversation that a request carries."""

    role: Speaker
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceQuestion:
    """What advice is asked about; the last message must be the user's.

    None means the default everywhere. `search_override` is `/search` or `/nosrch`. `event_key`
    names the event that will decide (advice on one event is counted once), `event_ends` is its
    last day; unset, the profile tells both where it can.
    """

    conversation: Sequence[Said]
    profile: str | None = None
    model: str | None = None
    prompt_type: str | None = None
    enable_web_search: bool | None = None
    search_override: str | None = None
    event_key: str | None = None
    event_ends: date | None = None


@dataclass(frozen=True, slots=True)
class Alternative:
    """An option that was not chosen, and why."""

    option: str
    reason: str


@dataclass(frozen=True, slots=True)
class BaseRate:
    """How often advice was right whatever confidence was stated: `right` of `n` outcomes, 1 or more."""

    right: int
    n: int

    @property
    def share(self) -> float:
        """The share that was right, 0 to 1."""
        return self.right / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share (Wilson)."""
        return wilson(self.right, self.n) or (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Confidence:
    """The probability that the advice is right, as the model stated it and as outcomes correct it.

    `phrase_key` and `phrase` are what `calibrated` is called on the profile's scale; `capped`:
    a lower phrase is used, because facts that should be fresh are not. `version_id` is the
    calibration in force, None without one. `base_rate`: the stated confidence is known not to
    separate right from wrong, so `calibrated` is this share. With neither it is `stated`.
    """

    stated: int
    calibrated: int
    phrase_key: str
    phrase: str
    capped: bool = False
    version_id: str | None = None
    base_rate: BaseRate | None = None


class Freshness(StrEnum):
    """Whether the question needed fresh facts, and whether they were had."""

    NOT_NEEDED = "not_needed"
    VERIFIED = "verified"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What is advised. `choice` is the advised option as the tables name it, where there is one.

    `outcome` is `answered`, `not_found` (nothing to choose by: no confidence), `refused` or
    `interrupted`. `[n]` in the texts are verified citations of `sources`.
    """

    main_advice: str
    reasoning: str
    confidence: Confidence | None
    outcome: Outcome = Outcome.ANSWERED
    choice: str | None = None
    alternatives: Sequence[Alternative] = ()
    sources: Sequence[Source] = ()


class OutcomeState(StrEnum):
    """What came of advice. `superseded` is a judgement that a later one has replaced."""

    PENDING = "pending"
    RIGHT = "right"
    WRONG = "wrong"
    VOID = "void"
    SUPERSEDED = "superseded"


class Judge(StrEnum):
    """Who told the outcome: a person, or the profile's query."""

    PERSON = "person"
    PROFILE = "profile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """One judgement on a response. `outcome` right, wrong or void; None: only helpfulness is told.

    `helpful` never enters calibration. `key` makes a repeated sending the same feedback.
    """

    feedback_id: str
    response_id: str
    outcome: OutcomeState | None
    created_at: datetime
    judge: Judge = Judge.PERSON
    helpful: bool | None = None
    notes: str | None = None
    key: str | None = None
    superseded_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """Recorded advice, with what has become known of it.

    `question` is the user's last message as it was sent, without the date that the model is given.
    `model` is the one that answered. `search_decision` is the final one. `event_key` is None where
    no event could be told. `cost` is in US dollars. `outcome` is the judgement in force, `feedback_at`
    when it was first told; helpfulness and notes do not move it.
    """

    response_id: str
    user_id: str
    profile: str
    profile_version: str
    prompt_type: str
    prompt_version: str
    model: str
    question: str
    advice: Advice
    search_decision: str
    web_search_used: bool
    freshness: Freshness
    latency_ms: int
    created_at: datetime
    event_key: str | None = None
    event_ends: date | None = None
    period: int | None = None
    tool_calls: Sequence[ToolCall] = ()
    notices: Sequence[str] = ()
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: Decimal | None = None
    interrupted: bool = False
    outcome: OutcomeState = OutcomeState.PENDING
    helpful: bool | None = None
    feedback_notes: str | None = None
    feedback_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """Of a recorded response what statistics need; only those that state a confidence."""

    response_id: str
    profile: str
    model: str
    prompt_version: str
    web_search_used: bool
    stated: int
    calibrated: int
    outcome: OutcomeState
    created_at: datetime
    event_key: str | None = None
    feedback_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseFilter:
    """Which responses are meant; None does not restrict. `since` is included."""

    since: datetime | None = None
    profile: str | None = None
    model: str | None = None
    prompt_version: str | None = None
    outcome: OutcomeState | None = None


class VersionKind(StrEnum):
    """How a calibration came to be."""

    TUNED = "tuned"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedMap:
    """logit(calibrated) = intercept + slope * logit(stated), for the responses it names.

    None for `prompt_version`, or for both it and `model`: fitted over all of them, because one
    alone had too few outcomes. `n` outcomes, one per event. `effect` is the change of the Brier
    score on outcomes the fit has not seen (negative is better), with its 95 % interval. It was fitted
    on confidences stated from `stated_from` to `stated_to` (None: not recorded).
    """

    model: str | None
    prompt_version: str | None
    intercept: float
    slope: float
    n: int
    effect: float
    effect_low: float
    effect_high: float
    stated_from: float | None = None
    stated_to: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationVersion:
    """The calibration of a profile from some moment on. Versions are never changed.

    `parent_id` is the version it replaced, None when there was none. `restores`: what a rollback
    brought back (None there: no calibration); its `maps` are that version's. The window is that
    of the outcomes it was fitted on.
    """

    version_id: str
    parent_id: str | None
    profile: str
    kind: VersionKind
    maps: Sequence[FittedMap]
    author: str
    created_at: datetime
    n: int = 0
    window_from: datetime | None = None
    window_to: datetime | None = None
    restores: str | None = None
    reason: str = ""


class TuningAction(StrEnum):
    """What was tried: a trial run, a change that was applied, one that was refused, a rollback."""

    DRY_RUN = "dry_run"
    APPLIED = "applied"
    NOT_APPLIED = "not_applied"
    CONFLICT = "conflict"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningNote:
    """An entry of the audit: who tried what, when, from which version to which, and why so."""

    note_id: str
    profile: str
    action: TuningAction
    author: str
    created_at: datetime
    from_version: str | None
    to_version: str | None
    reason: str
