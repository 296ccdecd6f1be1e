"""Reports on confidence as JSON: how often advice was right, its Brier score, its calibration.

The names of the first fields are those that were agreed on; beside them stand the figures without
which they cannot be judged. What cannot be computed is null, and `warnings` say why: an empty
database is no error.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from use_cases.advice.reporting import model as reporting
from use_cases.advice.reporting.model import Dimension, Which
from use_cases.advice.statistics.band_tests import BandVerdict
from use_cases.advice.statistics.bands import Band
from use_cases.advice.statistics.calibration_error import CalibrationErrors
from use_cases.advice.statistics.corp import Corp
from use_cases.advice.statistics.cox import Recalibration
from use_cases.advice.statistics.decompositions import Terms
from use_cases.advice.statistics.report import Drift
from use_cases.advice.statistics.stated import Statistic
from use_cases.advice.statistics.whole_tests import Spiegelhalter

_ECE = "expected_calibration_error (ECE)"


class Counts(BaseModel):
    """Responses that state a confidence, by what became of them."""

    total: int
    resolved: int = Field(description="Right or wrong.")
    right: int
    wrong: int
    void: int
    pending: int
    events: int = Field(description="Distinct events of the resolved ones.")
    coverage: float | None = Field(description="Resolved among resolved and pending.")

    @classmethod
    def of(cls, counts: reporting.Counts) -> Self:
        """From a report."""
        return cls(**{name: getattr(counts, name) for name in cls.model_fields})


class Window(BaseModel):
    """What a report is about."""

    days_back: int
    since: datetime
    until: datetime
    confidence: Which = Field(description="The corrected confidence, or the stated one.")
    counts: Counts

    @classmethod
    def of(cls, window: reporting.Window) -> Self:
        """From a report."""
        return cls(
            days_back=window.days_back,
            since=window.since,
            until=window.until,
            confidence=window.which,
            counts=Counts.of(window.counts),
        )


class StatsBand(BaseModel):
    """A band of the statistics; null where it has no outcome."""

    confidence_band: str
    count: int
    avg_confidence: float | None
    observed_accuracy: float | None
    interval: tuple[float, float] | None = Field(description="Of the accuracy: Wilson, 95 %.")
    brier_score_band: float | None

    @classmethod
    def of(cls, band: Band) -> Self:
        """From a band."""
        return cls(
            confidence_band=f"{round(band.low, 4)}-{round(band.high, 4)}",
            count=band.n,
            avg_confidence=band.mean,
            observed_accuracy=band.rate,
            interval=band.interval,
            brier_score_band=band.brier,
        )


class BreakdownPart(BaseModel):
    """The responses of one model, prompt version or profile, or those with (without) web search."""

    by: Dimension
    value: str
    counts: Counts
    avg_confidence: Statistic
    observed_accuracy: Statistic
    brier_score: Statistic
    auc: Statistic

    @classmethod
    def of(cls, part: reporting.Part) -> Self:
        """From a report."""
        return cls(
            by=part.dimension,
            value=part.value,
            counts=Counts.of(part.counts),
            avg_confidence=part.average_confidence,
            observed_accuracy=part.observed_accuracy,
            brier_score=part.brier,
            auc=part.auc,
        )


class ConfidenceStats(BaseModel):
    """How often advice was right, and how good the stated numbers were."""

    total_responses: int
    responses_with_feedback: int = Field(description="Those that were right or wrong.")
    positive_feedback_count: int
    negative_feedback_count: int
    pending_count: int
    void_count: int
    coverage: float | None
    avg_confidence_score: float | None = Field(description="Of all responses, resolved or not.")
    brier_score_overall: float | None
    calibration_data: list[StatsBand]
    last_updated: datetime | None
    window: Window
    brier_score: Statistic = Field(description="With its interval, which counts events.")
    base_rate: Statistic = Field(description="How often advice was right.")
    climatology: Statistic = Field(description="The Brier score of always stating the base rate.")
    skill: Statistic
    auc: Statistic
    breakdown: list[BreakdownPart]
    warnings: list[str]

    @classmethod
    def of(cls, report: reporting.ConfidenceStats) -> Self:
        """From a report."""
        counts, scores = report.window.counts, report.scores
        return cls(
            total_responses=counts.total,
            responses_with_feedback=counts.resolved,
            positive_feedback_count=counts.right,
            negative_feedback_count=counts.wrong,
            pending_count=counts.pending,
            void_count=counts.void,
            coverage=counts.coverage,
            avg_confidence_score=report.average_confidence,
            brier_score_overall=scores.brier.value,
            calibration_data=[StatsBand.of(band) for band in report.bands],
            last_updated=report.last_updated,
            window=Window.of(report.window),
            brier_score=scores.brier,
            base_rate=scores.rate,
            climatology=scores.climatology,
            skill=scores.skill,
            auc=scores.auc,
            breakdown=[BreakdownPart.of(part) for part in report.breakdown],
            warnings=list(report.warnings),
        )


class CurvePoint(BaseModel):
    """A point of the calibration curve: a band that has outcomes."""

    predicted_probability: float
    observed_frequency: float
    count: int


class DiagramBand(BaseModel):
    """A band of the reliability diagram; null where it has no outcome."""

    band: str
    min: float
    max: float
    count: int
    predicted_probability: float | None
    observed_frequency: float | None
    interval: tuple[float, float] | None = Field(description="Of the frequency: Wilson, 95 %.")

    @classmethod
    def of(cls, band: Band) -> Self:
        """From a band."""
        return cls(
            band=band.label,
            min=band.low,
            max=band.high,
            count=band.n,
            predicted_probability=band.mean,
            observed_frequency=band.rate,
            interval=band.interval,
        )


class BrierScore(BaseModel):
    """The Brier score, and why it is what it is."""

    brier_score: float | None
    total_predictions: int
    calibration_curve_data: list[CurvePoint]
    reliability_diagram_data: list[DiagramBand]
    interval: tuple[float, float] | None = Field(description="95 %, resampled by event.")
    base_rate: float | None
    climatology: float | None = Field(description="The score of always stating the base rate.")
    skill: float | None
    log_loss: Statistic
    murphy: Terms = Field(description="By bands; `five_terms` is the score itself.")
    corp: Corp = Field(description="Without bands; exact.")
    window: Window
    warnings: list[str]

    @classmethod
    def of(cls, report: reporting.BrierReport) -> Self:
        """From a report."""
        scores = report.scores
        return cls(
            brier_score=scores.brier.value,
            total_predictions=scores.n,
            calibration_curve_data=[
                CurvePoint(
                    predicted_probability=band.mean, observed_frequency=band.rate, count=band.n
                )
                for band in report.bands
                if band.mean is not None and band.rate is not None
            ],
            reliability_diagram_data=[DiagramBand.of(band) for band in report.bands],
            interval=scores.brier.interval,
            base_rate=scores.rate.value,
            climatology=scores.climatology.value,
            skill=scores.skill.value,
            log_loss=scores.log_loss,
            murphy=scores.murphy,
            corp=scores.corp,
            window=Window.of(report.window),
            warnings=list(report.warnings),
        )


class OverallCalibration(BaseModel):
    """Calibration over all bands. An error alone says nothing: a perfect forecaster has one, too."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    average_confidence: float | None
    observed_accuracy: float | None
    expected_calibration_error: float | None = Field(alias=_ECE)
    ece: float | None
    ece_expected_if_calibrated: float | None
    ece_95th_percentile_if_calibrated: float | None
    ece_p_value: float | None
    difference: float | None = Field(description="Confidence less accuracy: above 0 too sure.")


class CalibrationBand(BaseModel):
    """A band and what its test says. A band with too few outcomes is neither calibrated nor not."""

    band: str
    count: int
    avg_confidence: float | None
    observed_accuracy: float | None
    is_calibrated: bool | None = Field(description="Null with too few outcomes.")
    status: str = Field(description="`consistent`, `miscalibrated` or `insufficient_data`.")
    direction: str | None = Field(description="`over` where fewer came true than stated.")
    p_value: float | None = Field(description="Two-sided.")
    p_value_holm: float | None = Field(description="Adjusted for all bands; it decides.")
    interval: tuple[float, float] | None = Field(description="Of the accuracy: Wilson, 95 %.")
    warnings: list[str]

    @classmethod
    def of(cls, verdict: BandVerdict) -> Self:
        """From a judged band."""
        band = verdict.band
        return cls(
            band=band.label,
            count=band.n,
            avg_confidence=band.mean,
            observed_accuracy=band.rate,
            is_calibrated=verdict.is_calibrated,
            status=verdict.state,
            direction=verdict.direction,
            p_value=verdict.p,
            p_value_holm=verdict.p_holm,
            interval=band.interval,
            warnings=list(verdict.warnings),
        )


class CalibrationReport(BaseModel):
    """Whether confidence means what it says, and whether that changed."""

    overall_calibration: OverallCalibration
    calibration_bands: list[CalibrationBand]
    drift_analysis: Drift
    errors: CalibrationErrors
    spiegelhalter: Spiegelhalter
    recalibration: Recalibration
    window: Window
    warnings: list[str]

    @classmethod
    def of(cls, report: reporting.CalibrationReport) -> Self:
        """From a report."""
        calibration, scores = report.calibration, report.scores
        errors = calibration.errors
        overall: Mapping[str, float | None] = {
            "average_confidence": scores.mean_probability.value,
            "observed_accuracy": scores.rate.value,
            "expected_calibration_error": errors.ece,
            "ece": errors.ece,
            "ece_expected_if_calibrated": errors.ece_expected,
            "ece_95th_percentile_if_calibrated": errors.ece_q95,
            "ece_p_value": errors.ece_p,
            "difference": scores.gap.value,
        }
        return cls(
            overall_calibration=OverallCalibration.model_validate(overall),
            calibration_bands=[CalibrationBand.of(verdict) for verdict in calibration.bands],
            drift_analysis=report.drift,
            errors=errors,
            spiegelhalter=calibration.spiegelhalter,
            recalibration=calibration.recalibration,
            window=Window.of(report.window),
            warnings=list(report.warnings),
        )
