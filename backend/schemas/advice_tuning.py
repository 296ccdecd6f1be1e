"""Tuning, its versions and the phrases in force as JSON."""

from datetime import datetime

from pydantic import Field

from backend.schemas.advice_reports import Window
from backend.schemas.schema import Schema, attribute
from use_cases.advice.confidence.report_model import TuningMode
from use_cases.advice.model import (
    FittedMap,
    TuningAction,
    VersionKind,
)
from use_cases.advice.tuning.tuning_report import (
    Adjustment,
    CalibrationSummary,
    Effect,
    Exclusion,
    GroupBaseRate,
    Reason,
    TuningStatus,
)
from use_cases.kernel.statistics.calibration_error import CalibrationErrors


class Version(Schema):
    """A version of a profile's calibration; versions are never changed."""

    id: str = attribute("version_id")
    parent: str | None = attribute("parent_id", "The version that it replaced.")
    profile: str
    kind: VersionKind
    maps: list[FittedMap] = Field(
        description="logit(corrected) = intercept + slope * logit(stated); `effect` is the change "
        "of the Brier score on outcomes the fit has not seen, negative is better."
    )
    n: int = Field(description="Outcomes it was fitted on, one for each event.")
    window_from: datetime | None
    window_to: datetime | None
    author: str
    created_at: datetime
    restores: str | None = Field(description="What a rollback brought back.")
    reason: str


class AuditEntry(Schema):
    """Who tried what, and when."""

    action: TuningAction
    author: str
    created_at: datetime
    from_version: str | None
    to_version: str | None
    reason: str


class PhraseRange(Schema):
    """What a phrase stands for: probabilities from `min_score`, up to the next phrase."""

    min_score: float
    max_score: float = Field(description="Excluded, but for 1.")
    phrase: str
    min_stated: float | None = Field(description="The stated scores that lead here; null: none.")
    max_stated: float | None
    reachable: bool


PhraseRanges = dict[str, PhraseRange]
"""By the phrase's key."""


class PhraseConfiguration(Schema):
    """All phrases, as the responses of a model and prompt version (null: any other) come to them."""

    model: str | None
    prompt_version: str | None
    phrases: PhraseRanges = attribute("by_key")
    stated_from: float | None = Field(
        description="The least stated confidence that the correction was fitted on; what it makes of "
        "lower ones is extrapolated. Null without a correction, or where it is not recorded."
    )
    stated_to: float | None = Field(description="The highest one.")


class Tuning(Schema):
    """What a tuning found and did."""

    status: TuningStatus
    analyzed_period_days: int
    previous_calibration: CalibrationSummary
    suggested_adjustments: list[Adjustment]
    new_phrase_configuration: PhraseRanges = attribute(
        "widest_phrases",
        "By the phrase's key: how the phrases are, or would be, reached under the widest "
        "correction (`corrections` has all); empty where nothing changes.",
    )
    summary: str
    profile: str
    version: str | None = attribute(
        "version_in_force", "The version that is now in force; null without one."
    )
    corrections: list[PhraseConfiguration] = attribute(
        "new_phrase_configuration",
        "The same for each model and prompt version that has a correction of its own.",
    )
    candidate: Version | None = Field(
        description="What was, or would be, put in force; null where nothing passed the guards."
    )
    responses: int
    n: int = Field(description="Outcomes that are evidence, one for each event.")
    excluded: dict[Exclusion, int] = Field(description="Responses that are none, by reason.")
    reasons: list[Reason] = Field(description="Which guards stood against which map.")
    base_rates: list[GroupBaseRate] = Field(
        description="What can be said where stated confidence does not separate right from wrong."
    )
    effect: Effect | None = Field(
        description="On outcomes the maps have not seen; negative is better."
    )
    window_from: datetime
    window_to: datetime


class PhraseStatus(Schema):
    """The phrases and the calibration in force, since when, by whom and why."""

    current_phrase_map: PhraseRanges = attribute(
        "plain_phrases", "By the phrase's key, for what no correction of its own is in force."
    )
    last_tuned_timestamp: datetime | None = attribute("last_tuned")
    recent_calibration_score: float | None = Field(
        description="The ECE of what was shown lately; `calibration` says what chance would give."
    )
    tuning_mode: TuningMode = attribute("mode")
    profile: str
    version: Version | None = Field(description="The correction in force; null without one.")
    corrections: list[PhraseConfiguration] = attribute("phrases")
    calibration: CalibrationErrors = attribute("calibration.errors")
    previous_versions: list[Version] = attribute("previous")
    audit: list[AuditEntry] = attribute("notes")
    window: Window
    base_rates: list[GroupBaseRate] = Field(
        description="Shown by new advice in place of stated confidence that does not separate right "
        "from wrong; they rest on everyone's outcomes of 365 days."
    )
    warnings: list[str]
