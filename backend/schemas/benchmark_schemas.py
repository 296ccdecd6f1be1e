"""The benchmark as JSON: tasks, contestants, runs with their results, averages; and a cleaned table.

Every score stands under both rules of equality; the fields beside `strict` and `canonical` are those of
`headline`. A score that cannot be computed is null, never 0.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, Field

from backend.schemas.json_shape import Schema, attribute, shape_of
from use_cases.benchmark.benchmark_runs import BenchmarkRun, PinnedTask, TaskResult
from use_cases.benchmark.clean_table import ColumnChange, FormatOffer, OpenTable, TableChange
from use_cases.benchmark.leaderboard import Leaderboard, LeaderboardRow, Robustness
from use_cases.benchmark.manage_benchmarks import pin
from use_cases.benchmark.model import Difficulty, Dimension, Edit, Finding, Task
from use_cases.benchmark.ports import Cleaning, CleaningFigures, ModelRule
from use_cases.benchmark.scoring.cell_equality import EqualityRule
from use_cases.kernel.jobs.model import JobState
from use_cases.kernel.statistics.paired_comparison import Verdict

_ROWS_SHOWN = 20
_REASONS_SHOWN = 20


@shape_of(PinnedTask, id="task_id")
class TaskReply(Schema):
    """A task."""

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
        return cls.of(
            pin(task),
            names=task.dirty.columns,
            kinds=task.schema.kinds,
            errors=kinds,
            traps=len(task.traps),
            head=list(zip(*(cells[:_ROWS_SHOWN] for cells in task.dirty.values), strict=True)),
        )


class ContestantReply(Schema):
    """A contestant of the benchmark: a rule, or a model that requests may name."""

    name: str
    kind: str = Field(description="`rule` or `model`.")
    description: str


@shape_of(CleaningFigures)
class _CallFigures(Schema):
    """Figures of a cleaning."""


class ResultReply(_CallFigures):
    """Result of one cleaning of a task by a contestant."""

    place: int
    task_id: str = attribute("task.task_id")
    table: str = attribute("task.table")
    dimension: Dimension = attribute("task.dimension")
    difficulty: Difficulty = attribute("task.difficulty")
    model: str = attribute("contestant", "The contestant: a model or a rule.")
    repeat: int
    status: str = attribute(
        "score.status", "`scored`, or `failed`: then it counts as doing nothing."
    )
    error: str
    headline: str = attribute(
        "score.headline.value", "`canonical` where the task declares a schema, else `strict`."
    )
    f1: float | None = attribute("score.first.metrics.f1")
    precision: float | None = attribute("score.first.metrics.precision")
    recall: float | None = attribute("score.first.metrics.recall")
    corruption_rate: float | None = attribute("score.first.metrics.corruption_rate")
    corruption_interval: tuple[float, float] | None = attribute(
        "score.first.repair.corruption_interval"
    )
    drift_score: float | None = attribute("score.first.metrics.drift_score")
    justification: str
    auditability_score: float | None = attribute("score.first.metrics.auditability_score")
    strict: Mapping[str, float | None] = attribute("score.strict.metrics")
    canonical: Mapping[str, float | None] = attribute("score.canonical.metrics")
    rejected_edits: int = attribute("rejected")

    @classmethod
    def of_result(cls, result: TaskResult) -> Self:
        """From a result with its output."""
        return cls.of(result, justification=_justification(result.output))


class ResultDetail(ResultReply):
    """A result with its edits, as NDJSON has it."""

    edits: Sequence[Edit] = attribute("output.edits", default=())


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
    def of_run(cls, run: BenchmarkRun, **more: object) -> Self:
        """From a run."""
        names = [each.name for each in run.spec.contestants]
        only = names[0] if len(names) == 1 else None
        return cls.of(run, models=names, model=only, **more)


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


class AverageReply(Schema):
    """A macro average over tasks, with its 95 % interval."""

    value: float | None
    interval: tuple[float, float] | None
    tasks: int = attribute("n")


class _Scope(Schema):
    """The tasks of a dimension and level; null: all but the control tasks."""

    dimension: Dimension | None
    difficulty: Difficulty | None


class MetricScope(_Scope):
    """A metric over the tasks of a dimension and level; null: all but the control tasks."""

    strict: Mapping[str, AverageReply]
    canonical: Mapping[str, AverageReply]


@shape_of(LeaderboardRow, model="contestant")
class RowReply(MetricScope):
    """A contestant over the tasks of a dimension and level; null: all but the control tasks."""

    completion_rate: AverageReply
    reliability_score: AverageReply


class ComparisonReply(Schema):
    """A contestant beside the first of the leaderboard, by canonical error reduction.

    `difference` is the mean over the `tasks` that both have, below 0 where the first is better.
    """

    model: str
    first: str
    dimension: Dimension | None = Field(description="null: all but the control tasks.")
    tasks: int = attribute("n")
    difference: float | None
    interval: tuple[float, float] | None = Field(
        description="Tables are resampled, then their tasks; with the others' intervals together 95 %."
    )
    p: float | None = attribute("p_adjusted", "Adjusted for the number of comparisons.")
    verdict: Verdict
    tasks_needed: int | None = attribute(
        "cases_needed", "About how many more tasks would show this difference."
    )


class _OfRun(Schema):
    """Run of a figure; `partial`: results of it are missing."""

    run_id: str = attribute("run.job_id")
    timestamp: datetime = attribute("run.created_at")
    status: JobState = attribute("run.state")
    partial: bool


class LeaderboardReply(_OfRun):
    """Averages of a run. `models` are in the order of the leaderboard, which is that of the canonical
    error reduction; no score is blended of others.
    """

    done: int
    planned: int = attribute("run.spec.matrix.size")
    failed: int
    models: list[str] = attribute("contestants")
    comparisons: list[ComparisonReply] = Field(
        description="Over all but the control tasks first, then in each dimension."
    )
    rows: list[RowReply]

    @classmethod
    def of_rows(cls, board: Leaderboard, rows: Sequence[LeaderboardRow]) -> Self:
        """From a leaderboard, with these of its rows."""
        compared = [
            ComparisonReply.of(found, model=name, first=board.contestants[0], dimension=dimension)
            for dimension, of in board.comparisons.items()
            for name, found in of.items()
            if dimension is None or found.n
        ]
        return cls.of(board, comparisons=compared, rows=rows)


class MetricReply(_OfRun):
    """A metric of one contestant in one run."""

    model: str
    scopes: list[MetricScope]

    @classmethod
    def of_model(cls, board: Leaderboard, model: str, metrics: Sequence[str]) -> Self:
        """From the rows of the contestant."""
        scopes = [
            MetricScope.of(
                row, **{rule: {m: row.under(rule)[m] for m in metrics} for rule in EqualityRule}
            )
            for row in board.rows_of(model)
        ]
        return cls.of(board, model=model, scopes=scopes)


class ReliabilityScope(_Scope):
    """The likeness of repeats over the tasks of a dimension and level."""

    reliability_score: AverageReply = Field(
        description="The mean Jaccard index of the edits of each two repeats of a task."
    )
    pass_all: float | None = Field(
        description="The chance that all repeats of a task pass: F1 of 0.9, corruption of 0.1 %."
    )
    completion_rate: AverageReply


class ReliabilityReply(_OfRun):
    """Likeness of a contestant's repeats, and the share of its results that did not fail."""

    model: str
    repeats: int
    scopes: list[ReliabilityScope]

    @classmethod
    def of_model(cls, board: Leaderboard, model: str) -> Self:
        """From the rows of the contestant."""
        found = board.run.spec.contestant(model)
        repeats = found.repeats if found else 0
        return cls.of(board, model=model, repeats=repeats, scopes=board.rows_of(model))


class RobustnessReply(_OfRun):
    """Quality of a contestant as errors become more and harder."""

    model: str
    scopes: Sequence[Robustness]


def _justification(output: Cleaning | None) -> str:
    """Returns the reasons of its edits."""
    reasons = dict.fromkeys(
        f"{edit.column or edit.kind.value}: {edit.reason}"
        for edit in (output.edits if output else ())
        if edit.reason
    )
    left = len(reasons) - _REASONS_SHOWN
    return "\n".join([*list(reasons)[:_REASONS_SHOWN], *([f"and {left} more"] if left > 0 else [])])


class CleanedTableReply(_CallFigures):
    """Changes that edits make in a table. `rows` are those before, `rejected` counts edits by the
    reason; unknown numbers are null.
    """

    table: str
    by: str
    rows: int
    cells: int
    removed: int
    columns: Sequence[ColumnChange]
    rejected: Mapping[str, int]
    warnings: Sequence[str]
    edits: Sequence[Edit]
    findings: Sequence[Finding]
    rules: Sequence[ModelRule]
    offers: Sequence[FormatOffer] = Field(
        default=(), description="Formats of whole columns that only you can confirm."
    )

    @classmethod
    def of_change(cls, opened: OpenTable, by: str, cleaning: Cleaning, change: TableChange) -> Self:
        """Returns the change of a table that was proposed by something of this name."""
        return cls.of(
            cleaning,
            table=opened.path,
            by=by,
            rows=len(opened.table.ids),
            cells=len(change.applied.cells),
            removed=len(change.applied.removed),
            columns=change.columns,
            rejected=Counter(each.why for each in change.rejected),
            warnings=change.warnings,
            edits=change.edits,
            findings=change.findings,
        )
