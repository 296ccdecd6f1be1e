"""The types of the advice capability: questions, their options, advice, confidence, recorded responses,
feedback.

Confidence is an integer of basis points everywhere inside (8,500 is 0.85), so that a stated 0.3
falls into the band that begins at 0.3. Unknown numbers are None, never 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from use_cases.advice.profile import CERTAIN
from use_cases.kernel.citations.sources import Outcome, Source
from use_cases.kernel.runs.record import RunRecord
from use_cases.kernel.statistics.figures import Forecast
from use_cases.kernel.statistics.intervals import wilson


class Speaker(StrEnum):
    """The role of a message's author."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class ConversationMessage:
    """One message of the conversation that a request carries."""

    role: Speaker
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchWish:
    """A person's wish about a web search: `search_override` is `/search` or `/nosrch`;
    `enable_web_search` false equals `/nosrch`. None: the server's default.
    """

    enable_web_search: bool | None = None
    search_override: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceQuestion(SearchWish):
    """A request for advice; the last message must be the user's.

    None means the default everywhere. `event_key` names the event that decides (advice on one event
    counts once), `event_ends` is its last day; where unset, the profile derives both if it can.
    """

    conversation: Sequence[ConversationMessage]
    profile: str | None = None
    model: str | None = None
    prompt_type: str | None = None
    event_key: str | None = None
    event_ends: date | None = None


@dataclass(frozen=True, slots=True)
class Alternative:
    """An option that was not chosen, and why."""

    option: str
    reason: str


@dataclass(frozen=True, slots=True)
class BaseRate:
    """The share of right advice, independent of the stated confidence: `right` of `n` outcomes, 1
    or more.
    """

    right: int
    n: int

    def __post_init__(self) -> None:
        """Raises `ValueError` where no share follows."""
        if not 0 <= self.right <= self.n or not self.n:
            raise ValueError(f"no base rate: {self.right} of {self.n}")

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

    `phrase_key` and `phrase` name `calibrated` on the profile's scale; `capped`: a lower phrase is
    used, because facts that should be fresh are not. `version_id` is the calibration in force, None
    without one. `base_rate`: the stated confidence does not separate right from wrong, so
    `calibrated` is this share. With neither, `calibrated` equals `stated`.
    """

    stated: int
    calibrated: int
    phrase_key: str
    phrase: str
    capped: bool = False
    version_id: str | None = None
    base_rate: BaseRate | None = None


class Freshness(StrEnum):
    """The need for fresh facts, and whether it was met."""

    NOT_NEEDED = "not_needed"
    VERIFIED = "verified"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """A recommendation. `choice` is the advised option by its name in the tables, where there is
    one.

    `outcome` is `answered`, `not_found` (no basis for a choice: no confidence), `refused` or
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
    """The outcome of advice. `superseded` is a judgement that a later one has replaced."""

    PENDING = "pending"
    RIGHT = "right"
    WRONG = "wrong"
    VOID = "void"
    SUPERSEDED = "superseded"


class JudgedBy(StrEnum):
    """The source of a judgement: a person, or the profile's query."""

    PERSON = "person"
    PROFILE = "profile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """One judgement on a response. `outcome` is right, wrong or void; None: feedback on helpfulness
    only.

    `helpful` never enters calibration. `key` makes a repeated request idempotent.
    """

    feedback_id: str
    response_id: str
    outcome: OutcomeState | None
    created_at: datetime
    judge: JudgedBy = JudgedBy.PERSON
    helpful: bool | None = None
    notes: str | None = None
    key: str | None = None
    superseded_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response(RunRecord):
    """Recorded advice with its outcome.

    `question` is the user's last message, without the date that the model gets. `search_decision` is the final one. `event_key` is None where
    no event could be determined. `outcome` is the judgement in force,
    `feedback_at` the time of its first report; helpfulness and notes do not move it.
    """

    response_id: str
    profile: str
    profile_version: str
    prompt_type: str
    advice: Advice
    search_decision: str
    web_search_used: bool
    freshness: Freshness
    event_key: str | None = None
    event_ends: date | None = None
    period: int | None = None
    outcome: OutcomeState = OutcomeState.PENDING
    helpful: bool | None = None
    feedback_notes: str | None = None
    feedback_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """The fields of a recorded response that statistics need; only responses that state a
    confidence.
    """

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

    @property
    def resolved(self) -> bool:
        """True if the advice was right or wrong."""
        return self.outcome in (OutcomeState.RIGHT, OutcomeState.WRONG)

    @property
    def right(self) -> bool:
        """True if the advice was right."""
        return self.outcome is OutcomeState.RIGHT

    @property
    def event(self) -> str:
        """The event that decides the advice; the response itself where it is unknown."""
        return self.event_key or self.response_id

    def forecast(self, confidence: int) -> Forecast:
        """Returns the resolved response as a forecast with this confidence."""
        return Forecast(confidence / CERTAIN, self.right, self.event_key, self.created_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseScope:
    """The responses of a profile, a model and a prompt version; None: of any."""

    profile: str | None = None
    model: str | None = None
    prompt_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseFilter(ResponseScope):
    """A filter of responses; None does not restrict. `since` is included."""

    since: datetime | None = None
    outcome: OutcomeState | None = None


class VersionKind(StrEnum):
    """The origin of a calibration."""

    TUNED = "tuned"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class MapScope:
    """The responses that a map corrects, and the confidences that it was fitted on."""

    model: str | None
    prompt_version: str | None
    stated_from: float | None = None
    stated_to: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedMap(MapScope):
    """logit(calibrated) = intercept + slope * logit(stated), for the responses it names.

    None for `prompt_version`, or for both it and `model`: fitted over all of them, because one
    alone had too few outcomes. `n` outcomes, one per event. `effect` is the change of the Brier
    score on outcomes the fit has not seen (negative is better), with its 95 % interval. It was fitted
    on confidences stated from `stated_from` to `stated_to` (None: not recorded).
    """

    intercept: float
    slope: float
    n: int
    effect: float
    effect_low: float
    effect_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationVersion:
    """The calibration of a profile from some moment on. Versions are immutable.

    `parent_id` is the version it replaced, None when there was none. `restores` is the version that
    a rollback brought back (None there: no calibration); its `maps` are that version's. The window
    is that of the outcomes it was fitted on.
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
    """The action of an audit entry: a dry run, an applied change, a refused one, a rollback."""

    DRY_RUN = "dry_run"
    APPLIED = "applied"
    NOT_APPLIED = "not_applied"
    CONFLICT = "conflict"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningNote:
    """An entry of the audit: author, action, time, versions before and after, and reason."""

    note_id: str
    profile: str
    action: TuningAction
    author: str
    created_at: datetime
    from_version: str | None
    to_version: str | None
    reason: str


COMPARE_TOOL = "compare_options"
"""The agent's tool that compares options; its result carries a `Comparison` or `NoComparison` as
metadata.
"""


@dataclass(frozen=True, slots=True)
class NamedEntity:
    """An entity of the domain that the question names.

    `name` is its name in the tables, `said` its wording in the question. `active` is the reason to
    expect news of it, None where there is none.
    """

    name: str
    said: str
    detail: str = ""
    active: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """The answer that a question proposes: one option instead of another."""

    start: str
    bench: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The form of a question's choice; by default it asks for the best of the options it names.

    `places`: the number of options it asks for. `left_out`: options that it names in order to
    exclude them. `worse`: its word for leaving an option out ("bench"), where it asks for that one.
    `proposal`: the answer it proposes. `unclear`: it names some entities that are ambiguous or
    unknown.
    """

    places: int = 1
    left_out: tuple[str, ...] = ()
    worse: str = ""
    proposal: Proposal | None = None
    unclear: bool = False


@dataclass(frozen=True, slots=True)
class OptionValue:
    """An option with its value; None: unknown. `chance` (basis points) is the probability that it
    comes out ahead of all other compared options, None where unknown. `availability` states the
    reason against its taking part, such as a bye; empty where none is known.
    """

    option: str
    value: float | None
    chance: int | None = None
    availability: str = ""

    @property
    def in_100(self) -> str:
        """The chance in words, such as "63 in 100"; 0 where it is unknown."""
        return f"{round((self.chance or 0) * 100 / CERTAIN)} in 100"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Options compared by one measure, the best first.

    `label` names the measure; `lower_wins`: less of it is better. Chances come from a curve fitted
    to `cases` earlier decided pairs; `number` is the source under which the values can be cited,
    None when there are none. `when` is the period with its season, such as "week 6 of 2026";
    `frame` is the form of the question.
    """

    label: str
    options: Sequence[OptionValue]
    cases: int
    number: int | None = None
    period: int | None = None
    higher_won: int = 0
    when: str = ""
    lower_wins: bool = False
    frame: Frame = field(default_factory=Frame)

    @property
    def better(self) -> str:
        """The better option's measure in relation to the other's: "more" or "less"."""
        return "less" if self.lower_wins else "more"

    @property
    def won(self) -> int:
        """The number of decided pairs that the better one won."""
        return self.cases - self.higher_won if self.lower_wins else self.higher_won

    @property
    def statements(self) -> Sequence[str]:
        """The record of the better value in earlier pairs, and the chances that follow from it: sentences
        without their ends.
        """
        before = f"before {self.when}" if self.when else "before"
        if not self.cases:
            return [f"No pair was decided {before}, so no chance can be told"]
        known = [option for option in self.options if option.chance is not None]
        chances = "; ".join(f"{option.option} {option.in_100}" for option in known)
        return [
            f"Of {self.cases:,} pairs decided {before}, the one with {self.better} {self.label} came "
            f"out ahead in {self.won:,}",
            f"A curve fitted to them gives the chance to come out ahead: {chances}",
        ]

    @property
    def best(self) -> OptionValue | None:
        """The option with the best chance; None where no chance is known."""
        known = [option for option in self.options if option.chance is not None]
        return max(known, key=lambda option: option.chance or 0, default=None)


@dataclass(frozen=True, slots=True)
class NoComparison:
    """The reason why options could not be compared, in whole sentences for the reader."""

    reason: str
