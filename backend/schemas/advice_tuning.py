"""Tuning, its versions and the phrases in force as JSON."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from backend.schemas.advice_reports import Window
from use_cases.advice.confidence import report_model as reporting
from use_cases.advice.confidence.report_model import TuningMode
from use_cases.advice.model import (
    CalibrationVersion,
    FittedMap,
    TuningAction,
    TuningNote,
    VersionKind,
)
from use_cases.advice.tuning.tuning_report import (
    Adjustment,
    CalibrationSummary,
    Effect,
    Exclusion,
    GroupBaseRate,
    PhraseMap,
    Reason,
    TuningResult,
    TuningStatus,
)
from use_cases.kernel.statistics.calibration_error import CalibrationErrors


class Version(BaseModel):
    """A version of a profile's calibration; versions are never changed."""

    id: str
    parent: str | None = Field(description="The version that it replaced.")
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

    @classmethod
    def of(cls, version: CalibrationVersion) -> Self:
        """From a version."""
        return cls(
            id=version.version_id,
            parent=version.parent_id,
            profile=version.profile,
            kind=version.kind,
            maps=list(version.maps),
            n=version.n,
            window_from=version.window_from,
            window_to=version.window_to,
            author=version.author,
            created_at=version.created_at,
            restores=version.restores,
            reason=version.reason,
        )


class AuditEntry(BaseModel):
    """Who tried what, and when."""

    action: TuningAction
    author: str
    created_at: datetime
    from_version: str | None
    to_version: str | None
    reason: str

    @classmethod
    def of(cls, note: TuningNote) -> Self:
        """From a note."""
        return cls(**{name: getattr(note, name) for name in cls.model_fields})


class PhraseRange(BaseModel):
    """What a phrase stands for: probabilities from `min_score`, up to the next phrase."""

    min_score: float
    max_score: float = Field(description="Excluded, but for 1.")
    phrase: str
    min_stated: float | None = Field(description="The stated scores that lead here; null: none.")
    max_stated: float | None
    reachable: bool


PhraseRanges = dict[str, PhraseRange]
"""By the phrase's key."""


class PhraseConfiguration(BaseModel):
    """All phrases, as the responses of a model and prompt version (null: any other) come to them."""

    model: str | None
    prompt_version: str | None
    phrases: PhraseRanges
    stated_from: float | None = Field(
        description="The least stated confidence that the correction was fitted on; what it makes of "
        "lower ones is extrapolated. Null without a correction, or where it is not recorded."
    )
    stated_to: float | None = Field(description="The highest one.")

    @classmethod
    def of(cls, found: PhraseMap) -> Self:
        """From a map of phrases."""
        return cls(
            model=found.model,
            prompt_version=found.prompt_version,
            phrases=phrase_ranges(found),
            stated_from=found.stated_from,
            stated_to=found.stated_to,
        )


class Tuning(BaseModel):
    """What a tuning found and did."""

    status: TuningStatus
    analyzed_period_days: int
    previous_calibration: CalibrationSummary
    suggested_adjustments: list[Adjustment]
    new_phrase_configuration: PhraseRanges = Field(
        description="By the phrase's key: how the phrases are, or would be, reached under the widest "
        "correction (`corrections` has all); empty where nothing changes."
    )
    summary: str
    profile: str
    version: str | None = Field(description="The version that is now in force; null without one.")
    corrections: list[PhraseConfiguration] = Field(
        description="The same for each model and prompt version that has a correction of its own."
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

    @classmethod
    def of(cls, result: TuningResult) -> Self:
        """From a tuning."""
        applied = result.status is TuningStatus.TUNING_APPLIED and result.candidate is not None
        before = result.previous_calibration.version_id
        return cls(
            status=result.status,
            analyzed_period_days=result.analyzed_period_days,
            previous_calibration=result.previous_calibration,
            suggested_adjustments=list(result.suggested_adjustments),
            new_phrase_configuration=_widest(result.new_phrase_configuration),
            summary=result.summary,
            profile=result.profile,
            version=result.candidate.version_id if applied and result.candidate else before,
            corrections=_configurations(result.new_phrase_configuration),
            candidate=None if result.candidate is None else Version.of(result.candidate),
            responses=result.responses,
            n=result.n,
            excluded=dict(result.excluded),
            reasons=list(result.reasons),
            base_rates=list(result.base_rates),
            effect=result.effect,
            window_from=result.window_from,
            window_to=result.window_to,
        )


class PhraseStatus(BaseModel):
    """The phrases and the calibration in force, since when, by whom and why."""

    current_phrase_map: PhraseRanges = Field(
        description="By the phrase's key, for what no correction of its own is in force."
    )
    last_tuned_timestamp: datetime | None
    recent_calibration_score: float | None = Field(
        description="The ECE of what was shown lately; `calibration` says what chance would give."
    )
    tuning_mode: TuningMode
    profile: str
    version: Version | None = Field(description="The correction in force; null without one.")
    corrections: list[PhraseConfiguration]
    calibration: CalibrationErrors
    previous_versions: list[Version]
    audit: list[AuditEntry]
    window: Window
    base_rates: list[GroupBaseRate] = Field(
        description="Shown by new advice in place of stated confidence that does not separate right "
        "from wrong; they rest on everyone's outcomes of 365 days."
    )
    warnings: list[str]

    @classmethod
    def of(cls, status: reporting.PhraseStatus) -> Self:
        """From a report."""
        *_, plain = status.phrases
        return cls(
            current_phrase_map=phrase_ranges(plain),
            last_tuned_timestamp=status.last_tuned,
            recent_calibration_score=status.recent_calibration_score,
            tuning_mode=status.mode,
            profile=status.profile,
            version=None if status.version is None else Version.of(status.version),
            corrections=_configurations(status.phrases),
            calibration=status.calibration.errors,
            previous_versions=[Version.of(version) for version in status.previous],
            audit=[AuditEntry.of(note) for note in status.notes],
            window=Window.of(status.window),
            base_rates=list(status.base_rates),
            warnings=list(status.warnings),
        )


def phrase_ranges(found: PhraseMap) -> PhraseRanges:
    """The phrases of a map by their keys."""
    return {
        setting.phrase_key: PhraseRange(
            min_score=setting.min_score,
            max_score=setting.max_score,
            phrase=setting.phrase,
            min_stated=setting.min_stated,
            max_stated=setting.max_stated,
            reachable=setting.reachable,
        )
        for setting in found.phrases
    }


def _widest(maps: Sequence[PhraseMap]) -> PhraseRanges:
    """Of the map for the most responses: for all models, else for a model, else the first one."""
    if not maps:
        return {}
    return phrase_ranges(min(maps, key=_narrowness))


def _narrowness(found: PhraseMap) -> tuple[bool, bool]:
    return found.model is not None, found.prompt_version is not None


def _configurations(maps: Sequence[PhraseMap]) -> list[PhraseConfiguration]:
    return [PhraseConfiguration.of(found) for found in maps]
