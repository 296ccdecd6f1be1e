"""Evaluations as JSON."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field, computed_field

from backend.schemas.json_shape import Schema, attribute, shape_of
from use_cases.kernel.jobs.model import JobState
from use_cases.kernel.targets import CompletionTokens, CostUsd, Dollars, PromptTokens
from use_cases.playground.evaluations.manage_evaluations import PlacedCell
from use_cases.playground.model import (
    AssertionResult,
    EvaluationSummary,
    TargetKind,
    Verdict,
)


class RunProgress(Schema):
    """The counts of a run's cells."""

    total: int
    completed: int = attribute("done")
    failed: int = attribute("errors", "Cells that ended in an error, which is no failed check.")
    percent: int


class RunVariant(Schema):
    """One column of a run."""

    name: str
    target: TargetKind
    model: str | None = Field(description="Null for the default model.")
    prompt_version: str = Field(description="What answers record; empty for that in production.")


@shape_of(EvaluationSummary, omit=["run"])
class RunSummary(Schema):
    """The totals and comparisons of what is done."""


class EvalRunResponse(Schema):
    """A run."""

    id: str = attribute("job_id")
    name: str
    description: str = attribute("spec.plan.description")
    status: JobState = attribute("state")
    reason: str
    dataset_id: str = attribute("spec.dataset_id")
    dataset_version: int = attribute("spec.dataset_version")
    dataset_digest: str = attribute("spec.dataset_digest")
    variants: list[RunVariant] = attribute("spec.plan.variants")
    baseline: str | None = attribute("spec.plan.baseline")
    repeats: int = attribute("spec.plan.repeats")
    judge: str | None = attribute("spec.plan.judge")
    not_understood: list[str] = attribute("spec.plan.not_understood")
    budget: Dollars | None
    cost_usd: Dollars = attribute("spent", "Spent so far, judges included.")
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class EvalRunDetail(EvalRunResponse):
    """A run with its progress and summary, both computed from its cells."""

    progress: RunProgress
    summary: RunSummary


class Grading(Schema):
    """The grade of a cell."""

    verdict: Verdict
    score: float | None
    reason: str
    results: Sequence[AssertionResult]


class CellMetrics(Schema):
    """The measurements of a call; null where one is not known."""

    latency_ms: int | None
    input_tokens: PromptTokens
    output_tokens: CompletionTokens
    cost: CostUsd
    cached: bool

    @computed_field
    @property
    def total_tokens(self) -> int | None:
        """Both together."""
        known = [each for each in (self.input_tokens, self.output_tokens) if each is not None]
        return sum(known) if known else None


class EvalResultResponse(Schema):
    """One cell of a run."""

    place: int
    eval_run_id: str
    dataset_item_id: str = attribute("case")
    variant: str
    repeat: int
    model_id: str | None
    output: str | None
    grading: Grading | None = attribute("grade")
    metrics: CellMetrics | None
    error: str | None
    finished_at: datetime | None

    @classmethod
    def of_cell(cls, run_id: str, placed: PlacedCell) -> Self:
        """Read it from a cell."""
        output = placed.cell.output
        shown = {"model_id": output and output.model, "output": output and output.text}
        return cls.of(placed.cell, place=placed.place, eval_run_id=run_id, metrics=output, **shown)


class EvalResultPage(BaseModel):
    """Some cells of a run, case by case."""

    results: list[EvalResultResponse]
    next_after: int | None = Field(
        description="Pass it as `after` to get the next page; null on the last page so far."
    )


class EvalRunPage(BaseModel):
    """Runs, newest first."""

    runs: list[EvalRunResponse]
    next_before: str | None = Field(
        description="Pass it as `before` to get the next page; null on the last page."
    )
