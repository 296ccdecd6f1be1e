"""Evaluations as JSON, and the calibrations of their judges."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field, computed_field

from backend.reports.verdict_words import judge_cautions, judge_finding
from backend.schemas.json_shape import Schema, attribute, shape_of
from use_cases.kernel.jobs.model import JobState
from use_cases.kernel.model import Page
from use_cases.kernel.statistics.figures import Statistic
from use_cases.kernel.statistics.judge_agreement import JudgeLabels
from use_cases.kernel.targets import Dollars
from use_cases.playground.evaluations.judge_calibration import (
    CalibratedRate,
    JudgeCalibration,
    PeoplePair,
)
from use_cases.playground.evaluations.manage_evaluations import PlacedCell
from use_cases.playground.model import Cell, Evaluation, EvaluationSummary, Grade, Plan, Variant


class RunProgress(Schema):
    """The counts of a run's cells."""

    total: int
    completed: int = attribute("done")
    failed: int = attribute("errors", "Cells that ended in an error, which is no failed check.")
    percent: int


@shape_of(Variant, omit=["prompt", "prompt_ref", "production"])
class RunVariant(Schema):
    """One column of a run."""

    model: str | None = Field(description="Null for the default model.")
    prompt_version: str = Field(description="What answers record; empty for that in production.")


@shape_of(EvaluationSummary, omit=["run"])
class RunSummary(Schema):
    """The totals and comparisons of what is done."""


@shape_of(Evaluation, at="spec", omit=["plan", "cases", "compares", "key_id", "local_checks"])
@shape_of(Plan, at="spec.plan", omit=["assertions", "threshold", "fail_under", "notices"])
class EvalRunResponse(Schema):
    """A run."""

    id: str = attribute("job_id")
    name: str
    status: JobState = attribute("state")
    reason: str
    variants: list[RunVariant] = attribute("spec.plan.variants")
    budget: Dollars | None
    cost_usd: Dollars = attribute("spent", "Spent so far, judges included.")
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class EvalRunDetail(EvalRunResponse):
    """A run with its progress and summary, both computed from its cells."""

    progress: RunProgress
    summary: RunSummary


@shape_of(Grade)
class Grading(Schema):
    """The grade of a cell."""


class CellMetrics(Schema):
    """The measurements of a call; null where one is not known."""

    latency_ms: int | None
    prompt_tokens: int | None = attribute("input_tokens")
    completion_tokens: int | None = attribute("output_tokens")
    cost_usd: Dollars | None = attribute("cost")
    cached: bool

    @computed_field
    @property
    def total_tokens(self) -> int | None:
        """Both together."""
        both = (self.prompt_tokens, self.completion_tokens)
        known = [each for each in both if each is not None]
        return sum(known) if known else None


@shape_of(Cell, omit=["inputs"], dataset_item_id="case", grading="grade")
class EvalResultResponse(Schema):
    """One cell of a run."""

    place: int
    eval_run_id: str
    model_id: str | None
    output: str | None
    grading: Grading | None = attribute("grade")
    metrics: CellMetrics | None


class EvalResultPage(BaseModel):
    """Some cells of a run, case by case."""

    results: list[EvalResultResponse]
    next_after: int | None = Field(
        description="Pass it as `after` to get the next page; null on the last page so far."
    )

    @classmethod
    def of(cls, run_id: str, page: Page[PlacedCell]) -> Self:
        """Reads it from a page."""
        results = [
            EvalResultResponse.of(
                placed.cell,
                place=placed.place,
                eval_run_id=run_id,
                model_id=output and output.model,
                output=output and output.text,
                metrics=output,
            )
            for placed in page
            for output in (placed.cell.output,)
        ]
        return cls(results=results, next_after=page[-1].place if page.more else None)


class EvalRunPage(BaseModel):
    """Runs, newest first."""

    runs: list[EvalRunResponse]
    next_before: str | None = Field(
        description="Pass it as `before` to get the next page; null on the last page."
    )


@shape_of(Statistic, omit=["n", "coverage"])
class Figure(Schema):
    """A figure with its 95 % interval; null where the labels cannot tell it."""


@shape_of(CalibratedRate)
class VariantRate(Schema):
    """A variant's pass rate, as the judge states it and as people would find it."""

    stated: Figure
    corrected: Figure


@shape_of(PeoplePair)
class Labellers(Schema):
    """The agreement of two people."""

    kappa: Figure


@shape_of(JudgeCalibration, omit=["agreement", "pairs", "cases"])
@shape_of(JudgeLabels, at="agreement.labels")
class JudgeFigures(Schema):
    """The figures of a judge for one metric."""

    judge_version: str = Field(description="A digest of the judge's question.")
    labelled: int = attribute("agreement.labels.n")
    wrong_pass: int = attribute(
        "agreement.labels.wrong_pass", "Answers that the judge passed and people failed."
    )
    wrong_fail: int = attribute(
        "agreement.labels.wrong_fail", "Answers that the judge failed and people passed."
    )
    accuracy: Figure = attribute("agreement.accuracy")
    kappa: Figure = attribute("agreement.kappa")
    sensitivity: Figure = attribute("agreement.sensitivity")
    specificity: Figure = attribute("agreement.specificity")
    leniency: Figure = attribute(
        "agreement.leniency",
        "The share that the judge passes less the share that people would pass.",
    )
    rates: list[VariantRate]
    labellers: list[Labellers] = attribute("pairs")
    more_needed: int | None = Field(
        description="About how many more labels a finding needs; null where the run is too small."
    )


class JudgeCalibrationReply(JudgeFigures):
    """Trust in a judge with one metric, in figures and words."""

    sentence: str
    cautions: list[str]

    @classmethod
    def told(cls, found: JudgeCalibration) -> Self:
        """From a calibration."""
        figures = JudgeFigures.of(found).model_dump()
        return cls(**figures, sentence=judge_finding(found), cautions=list(judge_cautions(found)))
