"""Reports on confidence as JSON: how often advice was right, and its Brier score.

The names of the first fields are those that were agreed on; beside them stand the figures without
which they cannot be judged. What cannot be computed is null, and `warnings` say why: an empty
database is no error.
"""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from use_cases.advice.confidence import report_model as reporting
from use_cases.advice.confidence.report_model import Dimension, Which
from use_cases.kernel.statistics.bands import Band
from use_cases.kernel.statistics.corp_decomposition import Corp
from use_cases.kernel.statistics.decompositions import Terms
from use_cases.kernel.statistics.figures import Statistic


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
    unsure: int = Field(description="Responses that state no confidence; no count has them.")

    @classmethod
    def of(cls, window: reporting.Window) -> Self:
        """From a report."""
        return cls(
            days_back=window.days_back,
            since=window.since,
            until=window.until,
            confidence=window.which,
            counts=Counts.of(window.counts),
            unsure=window.unsure,
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

    total_responses: int = Field(description="All of the window, without a confidence too.")
    responses_with_feedback: int = Field(description="Those that were right or wrong.")
    positive_feedback_count: int
    negative_feedback_count: int
    pending_count: int
    void_count: int
    coverage: float | None
    avg_confidence_score: float | None = Field(
        description="Of all responses that state one, resolved or not."
    )
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
            total_responses=counts.total + report.window.unsure,
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


class ReliabilityDiagram(BaseModel):
    """What a reliability diagram is drawn from: perfect points lie where both axes are equal."""

    bands: list[DiagramBand]
    base_rate: float | None = Field(description="How often advice was right, in all bands.")

    @classmethod
    def of(cls, report: reporting.BrierReport) -> Self:
        """From a report."""
        return cls(
            bands=[DiagramBand.of(band) for band in report.bands],
            base_rate=report.scores.rate.value,
        )


class BrierScore(BaseModel):
    """The Brier score, and why it is what it is."""

    brier_score: float | None
    total_predictions: int
    calibration_curve_data: list[CurvePoint]
    reliability_diagram_data: ReliabilityDiagram
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
            reliability_diagram_data=ReliabilityDiagram.of(report),
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
