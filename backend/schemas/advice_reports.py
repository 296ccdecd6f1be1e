"""Reports on confidence as JSON: how often advice was right, and its Brier score.

The names of the first fields are those that were agreed on; beside them stand the figures without
which they cannot be judged. What cannot be computed is null, and `warnings` say why: an empty
database is no error.
"""

from datetime import datetime

from pydantic import Field

from backend.schemas.schema import Schema, attribute
from use_cases.advice.confidence.report_model import Dimension, Which
from use_cases.kernel.statistics.figures import Statistic
from use_cases.kernel.statistics.forecast_scores import Terms


class Counts(Schema):
    """Responses that state a confidence, by what became of them."""

    total: int
    resolved: int = Field(description="Right or wrong.")
    right: int
    wrong: int
    void: int
    pending: int
    events: int = Field(description="Distinct events of the resolved ones.")
    coverage: float | None = Field(description="Resolved among resolved and pending.")


class Window(Schema):
    """What a report is about."""

    days_back: int
    since: datetime
    until: datetime
    confidence: Which = attribute("which", "The corrected confidence, or the stated one.")
    counts: Counts
    unsure: int = Field(description="Responses that state no confidence; no count has them.")


class StatsBand(Schema):
    """A band of the statistics; null where it has no outcome."""

    confidence_band: str = attribute("extent")
    count: int = attribute("n")
    avg_confidence: float | None = attribute("mean")
    observed_accuracy: float | None = attribute("rate")
    interval: tuple[float, float] | None = Field(description="Of the accuracy: Wilson, 95 %.")
    brier_score_band: float | None = attribute("brier")


class BreakdownPart(Schema):
    """The responses of one model, prompt version or profile, or those with (without) web search."""

    by: Dimension = attribute("dimension")
    value: str
    counts: Counts
    avg_confidence: Statistic = attribute("average_confidence")
    observed_accuracy: Statistic
    brier_score: Statistic = attribute("brier")
    auc: Statistic


class ConfidenceStats(Schema):
    """How often advice was right, and how good the stated numbers were."""

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
    window: Window
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
    """What a reliability diagram is drawn from: perfect points lie where both axes are equal."""

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
    window: Window
    warnings: list[str]
