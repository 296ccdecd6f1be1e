"""The benchmark as JSON: tasks, contestants, runs with their results, averages.

Every score stands under both rules of equality; the fields beside `strict` and `canonical` are those of
`headline`. A score that cannot be computed is null, never 0.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from pydantic import BaseModel, Field

from backend.schemas.schema import Schema, attribute, fields_of
from use_cases.benchmark.benchmark_runs import BenchmarkRun, TaskResult
from use_cases.benchmark.leaderboard import Leaderboard, LeaderboardRow, RobustnessCurve
from use_cases.benchmark.manage_benchmarks import pin
from use_cases.benchmark.model import Difficulty, Dimension, Edit, Task
from use_cases.benchmark.ports import Cleaning
from use_cases.benchmark.scoring.averages import METRICS, Averages
from use_cases.benchmark.scoring.task_score import RuleScores
from use_cases.kernel.jobs.model import JobState
from use_cases.kernel.statistics.figures import Statistic
from use_cases.kernel.statistics.paired_comparison import Comparison, Verdict

_ROWS_SHOWN = 20
_REASONS_SHOWN = 20


class TaskReply(Schema):
    """A task."""

    id: str = attribute("task_id")
    version: int
    table: str
    dimension: Dimension
    difficulty: Difficulty
    seed: int | None
    rows: int
    columns: int
    sha256: str = Field(description="Of the dirty table and its truth.")
    known: bool = Field(description="Models have probably seen the table.")


class TaskDetail(TaskReply):
    """A task, with the beginning of its dirty table, and what is wrong in it."""

    names: list[str] = Field(description="The columns.")
    kinds: Mapping[str, str] = Field(description="The declared kinds of columns.")
    errors: Mapping[str, int] | None = Field(
        description="How many errors of each kind; null where nobody labelled them."
    )
    traps: int = Field(description="Odd cells that are right.")
    head: list[list[str]] = Field(description="The first rows of the dirty table.")

    @classmethod
    def of_task(cls, task: Task) -> Self:
        """From a whole task."""
        kinds = None if task.errors is None else Counter(e.kind.value for e in task.errors)
        return cls(
            **TaskReply.of(pin(task)).model_dump(),
            names=list(task.dirty.columns),
            kinds={name: kind.value for name, kind in task.schema.kinds.items()},
            errors=kinds,
            traps=len(task.traps),
            head=[
                list(row) for row in zip(*(c[:_ROWS_SHOWN] for c in task.dirty.values), strict=True)
            ],
        )


class ContestantReply(BaseModel):
    """Something that can be benchmarked: a rule, or a model that requests may name."""

    name: str
    kind: str = Field(description="`rule` or `model`.")
    description: str


class EditReply(Schema):
    """A proposed edit."""

    kind: str
    rows: list[str]
    column: str | None
    old: str | None
    new: str | None
    error: str
    reason: str


class ResultReply(BaseModel):
    """What a contestant did with a task once."""

    place: int
    task_id: str
    table: str
    dimension: Dimension
    difficulty: Difficulty
    model: str = Field(description="The contestant: a model or a rule.")
    repeat: int
    status: str = Field(description="`scored`, or `failed`: then it counts as doing nothing.")
    error: str
    partial: str
    headline: str = Field(
        description="`canonical` where the task declares a schema, else `strict`."
    )
    f1: float | None
    precision: float | None
    recall: float | None
    corruption_rate: float | None
    corruption_interval: tuple[float, float] | None
    drift_score: float | None
    justification: str
    auditability_score: float | None
    strict: Mapping[str, float | None]
    canonical: Mapping[str, float | None]
    rejected_edits: int
    calls: int
    input_tokens: int | None
    output_tokens: int | None
    cost: Decimal | None
    latency_ms: int

    @classmethod
    def of(cls, result: TaskResult) -> Self:
        """From a result with its output."""
        first, task = result.score.first, result.task
        return cls(
            **fields_of(cls, task) | fields_of(cls, result) | _shown(cls, first),
            model=result.contestant,
            status=result.score.status,
            headline=result.score.headline.value,
            corruption_interval=first.repair.corruption_interval,
            justification=_justification(result.output),
            strict=_figures(result.score.strict),
            canonical=_figures(result.score.canonical),
            rejected_edits=result.rejected,
        )


class ResultDetail(ResultReply):
    """A result with its edits, as NDJSON has it."""

    edits: list[EditReply]

    @classmethod
    def of(cls, result: TaskResult) -> Self:
        """From a result with its output."""
        edits: Sequence[Edit] = result.output.edits if result.output else ()
        shown = ResultReply.of(result).model_dump()
        return cls(**shown, edits=[EditReply.of(each) for each in edits])


class BenchmarkRunReply(Schema):
    """A run."""

    run_id: str = attribute("job_id")
    model: str | None = Field(default=None, description="The only contestant; null for several.")
    models: list[str] = Field(default_factory=list, description="All contestants.")
    timestamp: datetime = attribute("created_at")
    status: JobState = attribute("state")
    reason: str
    name: str
    seed: int = attribute("spec.plan.seed")
    planned: int = attribute("spec.matrix.size", "How many results a complete run has.")
    budget: Decimal | None
    spent: Decimal
    started_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of_run(cls, run: BenchmarkRun) -> Self:
        """From a run."""
        names = [each.name for each in run.spec.contestants]
        only = names[0] if len(names) == 1 else None
        return cls.of(run).model_copy(update={"models": names, "model": only})


class BenchmarkRunPage(BaseModel):
    """Runs, newest first."""

    runs: list[BenchmarkRunReply]
    next_before: str | None


class BenchmarkResults(BenchmarkRunReply):
    """A run with its results."""

    done: int = Field(
        description="How many results are there; fewer than `planned`: it is partial."
    )
    failed: int
    task_results: list[ResultReply]
    next_after: int | None = Field(description="Pass it as `after` for the results behind these.")


class EstimateReply(Schema):
    """The size of a run before it begins."""

    results: int
    calls: int
    input_tokens: int
    output_tokens: int
    cost: Decimal | None = Field(description="US dollars; null where a price is not known.")


class AverageReply(BaseModel):
    """A macro average over tasks, with its 95 % interval."""

    value: float | None
    interval: tuple[float, float] | None
    tasks: int

    @classmethod
    def of(cls, found: Statistic) -> Self:
        """From a statistic."""
        return cls(value=found.value, interval=found.interval, tasks=found.n)


class RowReply(Schema):
    """A contestant over the tasks of a dimension and level; null: all but the control tasks."""

    model: str = attribute("contestant")
    is_model: bool
    dimension: Dimension | None
    difficulty: Difficulty | None
    tasks: int
    results: int
    failed: int
    completion_rate: AverageReply
    reliability_score: AverageReply
    pass_all: float | None
    strict: Mapping[str, AverageReply]
    canonical: Mapping[str, AverageReply]
    rejected: int
    calls: int
    input_tokens: int | None
    output_tokens: int | None
    cost: Decimal | None
    latency_ms: int

    @classmethod
    def of_row(cls, row: LeaderboardRow) -> Self:
        """From a row."""
        return cls(
            **{name: value for name, value in fields_of(cls, row).items() if name not in _AVERAGES},
            model=row.contestant,
            completion_rate=AverageReply.of(row.completion_rate),
            reliability_score=AverageReply.of(row.reliability_score),
            strict=_averages(row.strict),
            canonical=_averages(row.canonical),
        )


class ComparisonReply(BaseModel):
    """A contestant beside the first of the leaderboard, by canonical error reduction.

    `difference` is the mean over the `tasks` that both have, below 0 where the first is better.
    """

    model: str
    first: str
    tasks: int
    difference: float | None
    interval: tuple[float, float] | None = Field(
        description="Paired bootstrap; with the others' intervals together 95 %."
    )
    p: float | None = Field(description="Adjusted for the number of comparisons.")
    verdict: Verdict
    tasks_needed: int | None = Field(
        description="About how many more tasks would show this difference."
    )

    @classmethod
    def of(cls, model: str, first: str, found: Comparison) -> Self:
        """From a comparison of the leaderboard."""
        return cls(
            model=model,
            first=first,
            tasks=found.n,
            difference=found.difference,
            interval=found.interval,
            p=found.p_adjusted,
            verdict=found.verdict,
            tasks_needed=found.cases_needed,
        )


class _OfRun(BaseModel):
    """What a figure's run is; `partial`: results of it are missing."""

    run_id: str
    timestamp: datetime
    status: JobState
    partial: bool


class LeaderboardReply(_OfRun):
    """Averages of a run. `models` are in the order of the leaderboard, which is that of the canonical
    error reduction; no score is blended of others.
    """

    done: int
    planned: int
    failed: int
    models: list[str]
    comparisons: list[ComparisonReply] = Field(
        description="Over all but the control tasks, also in the leaderboard of a dimension."
    )
    rows: list[RowReply]

    @classmethod
    def of(cls, board: Leaderboard, rows: Sequence[LeaderboardRow]) -> Self:
        """From a leaderboard, with these of its rows."""
        return cls(
            **_head(board),
            done=board.done,
            planned=board.run.spec.matrix.size,
            failed=board.failed,
            models=list(board.contestants),
            comparisons=[
                ComparisonReply.of(name, board.contestants[0], found)
                for name, found in board.comparisons.items()
            ],
            rows=[RowReply.of_row(row) for row in rows],
        )


class MetricScope(BaseModel):
    """A metric over the tasks of a dimension and level; null: all but the control tasks."""

    dimension: Dimension | None
    difficulty: Difficulty | None
    strict: Mapping[str, AverageReply]
    canonical: Mapping[str, AverageReply]


class MetricReply(_OfRun):
    """A metric of one contestant in one run."""

    model: str
    scopes: list[MetricScope]

    @classmethod
    def of(cls, board: Leaderboard, model: str, metrics: Sequence[str]) -> Self:
        """From the rows of the contestant."""
        return cls(
            **_head(board),
            model=model,
            scopes=[
                MetricScope(
                    dimension=row.dimension,
                    difficulty=row.difficulty,
                    strict={name: AverageReply.of(row.strict.macro[name]) for name in metrics},
                    canonical={
                        name: AverageReply.of(row.canonical.macro[name]) for name in metrics
                    },
                )
                for row in board.rows
                if row.contestant == model
            ],
        )


class ReliabilityScope(BaseModel):
    """The likeness of repeats over the tasks of a dimension and level."""

    dimension: Dimension | None
    difficulty: Difficulty | None
    reliability_score: AverageReply = Field(
        description="The mean Jaccard index of the edits of each two repeats of a task."
    )
    pass_all: float | None = Field(
        description="The chance that all repeats of a task pass: F1 of 0.9, corruption of 0.1 %."
    )
    completion_rate: AverageReply


class ReliabilityReply(_OfRun):
    """How alike a contestant's repeats are, and how many of its results did not fail."""

    model: str
    repeats: int
    scopes: list[ReliabilityScope]

    @classmethod
    def of(cls, board: Leaderboard, model: str) -> Self:
        """From the rows of the contestant."""
        found = board.run.spec.contestant(model)
        return cls(
            **_head(board),
            model=model,
            repeats=found.repeats if found else 0,
            scopes=[
                ReliabilityScope(
                    dimension=row.dimension,
                    difficulty=row.difficulty,
                    reliability_score=AverageReply.of(row.reliability_score),
                    pass_all=row.pass_all,
                    completion_rate=AverageReply.of(row.completion_rate),
                )
                for row in board.rows
                if row.contestant == model
            ],
        )


class LevelReply(Schema):
    """The averages at one level, the share of wrong cells of the dirty tables."""

    level: float
    recall: float | None
    corruption_rate: float | None
    f1: float


class RobustnessScope(Schema):
    """How recall and corruption go over the levels of a dimension, under one rule."""

    dimension: Dimension
    rule: str
    robustness_score: float | None = attribute(
        "robustness.robustness_score",
        "The area under recall over the levels, from 0 to 1; null below three levels.",
    )
    retention: float | None = attribute(
        "robustness.retention", "Recall at the hardest level by that at the easiest."
    )
    slope: float | None = attribute(
        "robustness.slope", "The change of recall from no errors to all, by least squares."
    )
    curve: list[LevelReply] = attribute("robustness.curve")


class RobustnessReply(_OfRun):
    """How a contestant keeps up as errors become more and harder."""

    model: str
    scopes: list[RobustnessScope]

    @classmethod
    def of(cls, board: Leaderboard, model: str, curves: Sequence[RobustnessCurve]) -> Self:
        """From the curves of the contestant."""
        return cls(
            **_head(board), model=model, scopes=[RobustnessScope.of(each) for each in curves]
        )


_AVERAGES = frozenset({"completion_rate", "reliability_score", "strict", "canonical"})


def _head(board: Leaderboard) -> dict[str, Any]:
    run = board.run
    return {
        "run_id": run.job_id,
        "timestamp": run.created_at,
        "status": run.state,
        "partial": board.partial,
    }


def _averages(found: Averages) -> Mapping[str, AverageReply]:
    return {name: AverageReply.of(mean) for name, mean in found.macro.items()}


def _figures(scores: RuleScores) -> Mapping[str, float | None]:
    return {name: metric.of(scores) for name, metric in METRICS.items()}


def _shown(shape: type[BaseModel], scores: RuleScores) -> dict[str, Any]:
    """The scores that the shape has beside `strict` and `canonical`."""
    return {name: value for name, value in _figures(scores).items() if name in shape.model_fields}


def _justification(output: Cleaning | None) -> str:
    """What the contestant said, else the reasons of its edits."""
    if output is None or output.justification:
        return output.justification if output else ""
    reasons = dict.fromkeys(
        f"{edit.column or edit.kind.value}: {edit.reason}" for edit in output.edits if edit.reason
    )
    shown = list(reasons)[:_REASONS_SHOWN]
    more = [f"and {len(reasons) - len(shown)} more"] if len(reasons) > len(shown) else []
    return "\n".join([*shown, *more])
