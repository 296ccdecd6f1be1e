"""Reports on confidence, its calibration and its tuning as JSON.

The names of the first fields are those that were agreed on; beside them stand the figures without
which they cannot be judged, such as what chance would give. What cannot be computed is null, and
`warnings` say why: an empty database is no error.
"""

from datetime import datetime

from pydantic import AliasPath, ConfigDict, Field

from backend.schemas.json_shape import Schema, attribute, shape_of
from use_cases.advice.confidence import report_model
from use_cases.advice.confidence.report_model import TuningMode, Which
from use_cases.advice.model import CalibrationVersion, TuningNote
from use_cases.advice.tuning.tuning_report import (
    Effect,
    Exclusion,
    GroupBaseRate,
    PhraseMap,
    PhraseSetting,
    Reason,
    TuningResult,
)
from use_cases.kernel.statistics.calibration_error import CalibrationErrors, Recalibration
from use_cases.kernel.statistics.figures import Statistic
from use_cases.kernel.statistics.forecast_scores import Terms
from use_cases.kernel.statistics.report import Drift

_ECE = "expected_calibration_error (ECE)"


@shape_of(
    report_model.Counts,
    described={
        "resolved": "Right or wrong.",
        "events": "Distinct events of the resolved ones.",
        "coverage": "Resolved among resolved and pending.",
    },
)
class CountsReply(Schema):
    """Responses that state a confidence, by what became of them."""


@shape_of(report_model.Window, omit=["which"])
class WindowReply(Schema):
    """Subject of a report."""

    confidence: Which = attribute("which", "The corrected confidence, or the stated one.")
    counts: CountsReply
    unsure: int = Field(description="Responses that state no confidence; no count has them.")


class StatsBand(Schema):
    """A band of the statistics; null where it has no outcome."""

    confidence_band: str = attribute("extent")
    count: int = attribute("n")
    avg_confidence: float | None = attribute("mean")
    observed_accuracy: float | None = attribute("rate")
    interval: tuple[float, float] | None = Field(description="Of the accuracy: Wilson, 95 %.")
    brier_score_band: float | None = attribute("brier")


@shape_of(
    report_model.BreakdownRow,
    by="dimension",
    avg_confidence="average_confidence",
    brier_score="brier",
)
class BreakdownPart(Schema):
    """The responses of one model, prompt version or profile, or those with (without) web search."""

    counts: CountsReply


class ConfidenceStatsReply(Schema):
    """Share of advice that was right, and quality of the stated numbers."""

    total_responses: int = attribute(
        "window.responses", "All of the window, without a confidence too."
    )
    responses_with_feedback: int = attribute(
        "window.counts.resolved", "Those that were right or wrong."
    )
    positive_feedback_count: int = attribute("window.counts.right")
    negative_feedback_count: int = attribute("window.counts.wrong")
    pending_count: int = attribute("window.counts.pending")
    void_count: int = attribute("window.counts.void")
    coverage: float | None = attribute("window.counts.coverage")
    avg_confidence_score: float | None = attribute(
        "average_confidence", "Of all responses that state one, resolved or not."
    )
    brier_score_overall: float | None = attribute("scores.brier.value")
    calibration_data: list[StatsBand] = attribute("bands")
    last_updated: datetime | None
    window: WindowReply
    brier_score: Statistic = attribute("scores.brier", "With its interval, which counts events.")
    base_rate: Statistic = attribute("scores.rate", "How often advice was right.")
    climatology: Statistic = attribute(
        "scores.climatology", "The Brier score of always stating the base rate."
    )
    skill: Statistic = attribute("scores.skill")
    auc: Statistic = attribute("scores.auc")
    breakdown: list[BreakdownPart]
    warnings: list[str]


class CurvePoint(Schema):
    """A point of the calibration curve: a band that has outcomes."""

    predicted_probability: float = attribute("mean")
    observed_frequency: float = attribute("rate")
    count: int = attribute("n")


class DiagramBand(Schema):
    """A band of the reliability diagram; null where it has no outcome."""

    band: str = attribute("label")
    min: float = attribute("low")
    max: float = attribute("high")
    count: int = attribute("n")
    predicted_probability: float | None = attribute("mean")
    observed_frequency: float | None = attribute("rate")
    interval: tuple[float, float] | None = Field(description="Of the frequency: Wilson, 95 %.")


class ReliabilityDiagram(Schema):
    """Data of a reliability diagram: perfect points lie where both axes are equal."""

    bands: list[DiagramBand]
    base_rate: float | None = attribute(
        "scores.rate.value", "How often advice was right, in all bands."
    )


class BrierScore(Schema):
    """The Brier score, and why it is what it is."""

    brier_score: float | None = attribute("scores.brier.value")
    total_predictions: int = attribute("scores.n")
    calibration_curve_data: list[CurvePoint] = attribute("curve")
    reliability_diagram_data: ReliabilityDiagram = attribute("diagram")
    interval: tuple[float, float] | None = attribute(
        "scores.brier.interval", "95 %, resampled by event."
    )
    base_rate: float | None = attribute("scores.rate.value")
    climatology: float | None = attribute(
        "scores.climatology.value", "The score of always stating the base rate."
    )
    skill: float | None = attribute("scores.skill.value")
    log_loss: Statistic = attribute("scores.log_loss")
    murphy: Terms = attribute("scores.murphy", "By bands; `five_terms` is the score itself.")
    window: WindowReply
    warnings: list[str]


class OverallCalibration(Schema):
    """Calibration over all bands. An error alone says nothing: a perfect forecaster has one, too."""

    model_config = ConfigDict(serialize_by_alias=True)

    average_confidence: float | None = attribute("scores.mean_probability.value")
    observed_accuracy: float | None = attribute("scores.rate.value")
    expected_calibration_error: float | None = Field(
        validation_alias=AliasPath("calibration", "errors", "ece"), serialization_alias=_ECE
    )
    ece: float | None = attribute("calibration.errors.ece")
    ece_expected_if_calibrated: float | None = attribute("calibration.errors.ece_expected")
    ece_95th_percentile_if_calibrated: float | None = attribute("calibration.errors.ece_q95")
    ece_p_value: float | None = attribute("calibration.errors.ece_p")
    difference: float | None = attribute(
        "scores.gap.value", "Confidence less accuracy: above 0 overconfident."
    )


class CalibrationBand(Schema):
    """A band and what its test says. With too few outcomes it can be found miscalibrated, but not calibrated."""

    band: str = attribute("band.label")
    count: int = attribute("band.n")
    avg_confidence: float | None = attribute("band.mean")
    observed_accuracy: float | None = attribute("band.rate")
    is_calibrated: bool | None = Field(description="Null for `insufficient_data`.")
    status: str = attribute("state", "`consistent`, `miscalibrated` or `insufficient_data`.")
    direction: str | None = Field(description="`over` where fewer came true than stated.")
    p_value: float | None = attribute("p", "Two-sided.")
    p_value_holm: float | None = attribute(
        "p_holm",
        "Adjusted for the other bands; it decides, below 0.05, or below 0.01 with few outcomes.",
    )
    interval: tuple[float, float] | None = attribute(
        "band.interval", "Of the accuracy: Wilson, 95 %."
    )
    warnings: list[str] = attribute(
        "own_warnings", "Of this band; those of the report hold for it, too."
    )


class CalibrationReply(Schema):
    """Report whether confidence means what it says, and whether that changed."""

    overall_calibration: OverallCalibration = attribute("overall")
    calibration_bands: list[CalibrationBand] = attribute("calibration.bands")
    drift_analysis: Drift = attribute("drift")
    errors: CalibrationErrors = attribute("calibration.errors")
    recalibration: Recalibration = attribute("calibration.recalibration")
    window: WindowReply
    warnings: list[str]


@shape_of(
    CalibrationVersion,
    id="version_id",
    parent="parent_id",
    described={
        "parent": "The version that it replaced.",
        "maps": "logit(corrected) = intercept + slope * logit(stated); `effect` is the change of "
        "the Brier score on outcomes the fit has not seen, negative is better.",
        "n": "Outcomes it was fitted on, one for each event.",
        "restores": "What a rollback brought back.",
    },
)
class Version(Schema):
    """A version of a profile's calibration; versions are never changed."""


@shape_of(TuningNote, omit=["note_id", "profile"])
class AuditEntry(Schema):
    """An attempt: who tried what, and when."""


@shape_of(PhraseSetting, omit=["phrase_key"])
class PhraseRange(Schema):
    """Range of probabilities of a phrase: from `min_score` up to the next phrase."""

    max_score: float = Field(description="Excluded, but for 1.")
    min_stated: float | None = Field(description="The stated scores that lead here; null: none.")
    reachable: bool


PhraseRanges = dict[str, PhraseRange]
"""By the phrase's key."""


@shape_of(
    PhraseMap,
    described={
        "stated_from": "The least stated confidence that the correction was fitted on; what it makes "
        "of lower ones is extrapolated. Null without a correction, or where it is not recorded.",
        "stated_to": "The highest one.",
    },
)
class PhraseConfiguration(Schema):
    """All phrases, as the responses of a model and prompt version (null: any other) come to them."""

    phrases: PhraseRanges = attribute("by_key")


@shape_of(
    TuningResult,
    omit=["maps", "all_maps"],
    first=["status", "analyzed_period_days", "previous_calibration", "suggested_adjustments"],
)
class Tuning(Schema):
    """Findings and result of a tuning."""

    new_phrase_configuration: PhraseRanges = attribute(
        "widest_phrases",
        "By the phrase's key: how the phrases are, or would be, reached under the widest "
        "correction (`corrections` has all); empty where nothing changes.",
    )
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
    n: int = Field(description="Outcomes that are evidence, one for each event.")
    excluded: dict[Exclusion, int] = Field(description="Responses that are none, by reason.")
    reasons: list[Reason] = Field(description="Which guards stood against which map.")
    base_rates: list[GroupBaseRate] = Field(
        description="What can be said where stated confidence does not separate right from wrong."
    )
    effect: Effect | None = Field(
        description="On outcomes the maps have not seen; negative is better."
    )


class PhraseStatusReply(Schema):
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
    window: WindowReply
    base_rates: list[GroupBaseRate] = Field(
        description="Shown by new advice in place of stated confidence that does not separate right "
        "from wrong; they rest on everyone's outcomes of 365 days."
    )
    warnings: list[str]
