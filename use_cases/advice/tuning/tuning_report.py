"""The request for a tuning, and its result.

Probabilities and scores are 0 to 1 here, as in every answer; a score is stated by a model, a
probability is its correction by outcomes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from use_cases.advice.model import CalibrationVersion, FittedMap, MapScope, ResponseScope

DAYS = 365
"""The default window of a tuning and of base rates."""


class TuningStatus(StrEnum):
    """The end of a tuning."""

    DRY_RUN_COMPLETE = "dry_run_complete"
    TUNING_APPLIED = "tuning_applied"
    NOT_APPLIED = "not_applied"


class Guard(StrEnum):
    """The guard that a map failed."""

    TOO_SOON = "too_few_new_outcomes"
    FEW_OUTCOMES = "too_few_outcomes"
    ONE_OUTCOME = "one_outcome_only"
    ONE_VALUE = "one_stated_value"
    NO_DISCRIMINATION = "no_discrimination"
    NO_EVIDENCE = "no_evidence"
    KEPT = "pooled_map_would_harm"


class Exclusion(StrEnum):
    """The reason why a recorded response is no evidence."""

    PENDING = "pending"
    VOID = "void"
    UNDATED = "feedback_undated"
    RECENT = "feedback_too_recent"
    SAME_EVENT = "same_event"


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningRequest(ResponseScope):
    """The scope of a tuning. `profile` None: the default. Only responses of the last `days_back`
    days, of `model` and `prompt_version` where they are given; with a prompt version no map is
    pooled over others. `expected_parent`: the version that must be in force, None for any.
    """

    days_back: int = DAYS
    dry_run: bool = True
    expected_parent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A guard that a map failed, in a sentence; the model and prompt version of its responses
    (None: all).
    """

    guard: Guard
    detail: str
    model: str | None = None
    prompt_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupBaseRate:
    """The share of a group's advice that was right, `right` of `n` outcomes, with its 95 %
    interval: the best prediction where stated confidence does not separate right from wrong.
    """

    n: int
    right: int
    probability: float
    interval: tuple[float, float]
    phrase_key: str
    phrase: str
    model: str | None = None
    prompt_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationSummary:
    """The quality of the calibration in force on the evidence (`version_id` None: none in force).

    None: cannot be computed. `ece_expected` is the expected value of a perfect forecaster.
    """

    version_id: str | None
    n: int
    average_confidence: float | None
    observed_accuracy: float | None
    brier_score: float | None
    ece: float | None
    ece_expected: float | None
    ece_p: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Change of the Brier score on outcomes the maps had not seen (negative is better), with its
    95 % interval, over the `n` outcomes that a new map would serve.
    """

    n: int
    brier_change: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseSetting:
    """A phrase: the probabilities it stands for (fixed), and the stated scores that now lead to it.

    Intervals are half-open, the last one closed. Scores None: nothing a model states leads there.
    """

    phrase_key: str
    phrase: str
    min_score: float
    max_score: float
    min_stated: float | None
    max_stated: float | None

    @property
    def reachable(self) -> bool:
        """True if any stated score leads to this phrase."""
        return self.min_stated is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseMap(MapScope):
    """All phrases of a scale with the stated scores of one map; the model and prompt version of its
    responses (None: any).

    The map was fitted on confidences stated from `stated_from` to `stated_to` (None: without a map,
    or not recorded); the accuracy of others is unknown.
    """

    phrases: Sequence[PhraseSetting]

    @property
    def by_key(self) -> Mapping[str, PhraseSetting]:
        """The phrases by their keys."""
        return {setting.phrase_key: setting for setting in self.phrases}


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """The stated score at which a phrase begins, before and after; None: it cannot be reached."""

    phrase_key: str
    phrase: str
    old_threshold: float | None
    new_threshold: float | None
    reason: str
    model: str | None = None
    prompt_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationProposal:
    """The calibration that the evidence supports.

    `n` outcomes, one per event, are the evidence; `excluded` counts the other responses by reason.
    `reasons` are the failed guards of each map. `maps` are those that passed; `all_maps` includes
    those that stay in force. `effect` is None without maps.
    """

    responses: int
    n: int
    window_to: datetime
    excluded: Mapping[Exclusion, int]
    previous_calibration: CalibrationSummary
    reasons: Sequence[Reason]
    base_rates: Sequence[GroupBaseRate]
    maps: Sequence[FittedMap]
    all_maps: Sequence[FittedMap]
    effect: Effect | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningResult(CalibrationProposal):
    """A proposal, and the action of the tuning on it.

    `candidate` is the version that a dry run would have put in force, and an applied one did; None
    when nothing passed.
    """

    status: TuningStatus
    profile: str
    analyzed_period_days: int
    window_from: datetime
    summary: str
    suggested_adjustments: Sequence[Adjustment]
    new_phrase_configuration: Sequence[PhraseMap]
    candidate: CalibrationVersion | None

    @property
    def version_in_force(self) -> str | None:
        """The version that is in force after this tuning; None without one."""
        if self.status is TuningStatus.TUNING_APPLIED and self.candidate is not None:
            return self.candidate.version_id
        return self.previous_calibration.version_id

    @property
    def widest_phrases(self) -> Mapping[str, PhraseSetting]:
        """The phrases of the map for the most responses: for all models, else a model, else the first."""
        maps = self.new_phrase_configuration
        if not maps:
            return {}
        return min(
            maps, key=lambda each: (each.model is not None, each.prompt_version is not None)
        ).by_key
